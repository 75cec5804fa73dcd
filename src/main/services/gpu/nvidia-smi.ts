/** Reads NVIDIA's own tool for the GPUs. Where it is not on the PATH no process is started. */
import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import type { Gpu } from '../../../shared/contract/devices';

const FIELDS = ['index', 'uuid', 'name', 'memory.total', 'memory.used', 'utilization.gpu', 'temperature.gpu'];
const MIB = 2 ** 20;
/** Timeout: a hanging driver must not block a window. */
const MOST_MS = 10_000;

const run = promisify(execFile);

/** Returns the tool's path; null where there is none. */
export function findNvidiaSmi(environment: NodeJS.ProcessEnv = process.env): string | null {
  const found = (environment['PATH'] ?? '')
    .split(delimiter)
    .filter(Boolean)
    .map((folder) => join(folder, process.platform === 'win32' ? 'nvidia-smi.exe' : 'nvidia-smi'))
    .find(isExecutable);
  return found ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    // It is missing here, or not executable: the next folder may have it.
    return false;
  }
}

/** Returns the number in a field; `[N/A]` and `[Not Supported]` mean that the GPU does not report it. */
const numberIn = (text: string): number | null => (/^\d+(\.\d+)?$/.test(text) ? Number(text) : null);

/**
 * Parses the lines of `--format=csv,noheader,nounits`; memory in bytes, utilisation as a share. @throws Error for a
 * line of another form
 */
export function parseGpus(csv: string): Gpu[] {
  const lines = csv.split('\n').filter((line) => line.trim() !== '');
  return lines.map((line) => {
    const [index, uuid, name, total, used, busy, degrees, ...rest] = line.split(',').map((field) => field.trim());
    const number = numberIn(index ?? '');
    if (number === null || !uuid || !name || degrees === undefined || rest.length)
      throw new Error(`nvidia-smi said ${line}`);
    const share = numberIn(busy ?? '');
    return {
      ...{ index: number, uuid, name },
      ...{ memory_total: (numberIn(total ?? '') ?? 0) * MIB, memory_used: (numberIn(used ?? '') ?? 0) * MIB },
      ...{ utilization: share === null ? null : share / 100, temperature: numberIn(degrees) },
    };
  });
}

export interface GpuReading {
  gpus: Gpu[];
  /** Why the tool, which exists, could not answer; null otherwise. */
  why: string | null;
}

export async function readGpus(environment: NodeJS.ProcessEnv = process.env): Promise<GpuReading> {
  const path = findNvidiaSmi(environment);
  if (path === null) return { gpus: [], why: null };
  try {
    const { stdout } = await run(path, [`--query-gpu=${FIELDS.join(',')}`, '--format=csv,noheader,nounits'], {
      ...{ env: environment, timeout: MOST_MS, encoding: 'utf8' },
    });
    return { gpus: parseGpus(stdout), why: null };
  } catch (error) {
    const { stdout = '', message } = error as Error & { stdout?: string };
    return { gpus: [], why: stdout.trim() || message.trim() };
  }
}
