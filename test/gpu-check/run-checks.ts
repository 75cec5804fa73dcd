/** Runs the checks one after the other within their time, reports each verdict at once, and returns all of them. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Gpu } from '../../src/shared/contract/devices';
import { gpuEnvironment } from '../../src/main/engine/backend/environment';
import { readGpus } from '../../src/main/services/gpu/nvidia-smi';
import { usableGpus } from '../../src/main/services/gpu/usable';
import { bundled } from '../bench/support/bundle.mjs';
import { Side } from '../bench/support/side';
import type { Check, Context, Verdict, Where } from './check';
import { check as autocast } from './checks/autocast';
import { check as device } from './checks/device';
import { check as loader } from './checks/loader';
import { check as memory } from './checks/memory';
import { check as numbers } from './checks/numbers';
import { check as placement } from './checks/placement';
import { check as pytorch } from './checks/pytorch';
import { check as twoRuns } from './checks/two-runs';
import { check as xla } from './checks/xla';

/** The order of the checks: the likeliest failures come first, the longest checks last. */
const CHECKS: readonly Check[] = [device, placement, numbers, memory, loader, autocast, xla, twoRuns, pytorch];

const ROOT = join(import.meta.dirname, '../..');
const RUNNER = join(import.meta.dirname, '../bench/support/run-bundled.mjs');
const PROGRAM = join(ROOT, 'bin/efficienttrain.mjs');

export interface Options {
  quick: boolean;
  /** Minutes for all checks. */
  minutes: number;
  /** Ids of the checks; none: all. */
  only: readonly string[];
}

export interface Result extends Verdict {
  id: string;
  seconds: number;
}

export interface Report {
  /** The device that the checks ran on. */
  device: 'gpu' | 'processor';
  gpus: readonly Gpu[];
  ok: boolean;
  results: Result[];
}

export const MARKS = { good: '✓', bad: '✗', skipped: '–' } as const;

function environmentOf(where: Where, gpus: readonly Gpu[]): Record<string, string> {
  // The GPU is named by its uuid, because CUDA and nvidia-smi number GPUs differently.
  const visible = where === 'gpu' && gpus[0] ? gpus[0].uuid : '-1';
  return { ...gpuEnvironment(), CUDA_VISIBLE_DEVICES: visible, TF_CPP_MIN_LOG_LEVEL: '2' };
}

function program(home: string, args: readonly string[], signal: AbortSignal): Promise<unknown> {
  const child = spawn(process.execPath, [PROGRAM, ...args, '--json', '--home', home], {
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve(JSON.parse(stdout));
      else reject(new Error(`efficienttrain ${args[0]} ended with ${code}: ${(stdout + stderr).trim().slice(-500)}`));
    });
  });
}

/** Runs one check, whose processes end with it. */
async function verdictOf(check: Check, context: Omit<Context, 'start' | 'program'>, left: number): Promise<Verdict> {
  const sides: Side[] = [];
  const ended = AbortSignal.timeout(left);
  const start: Context['start'] = async (where, subject, environment = {}) => {
    const bundle = await bundled(join(import.meta.dirname, 'step-process.ts'));
    const all = { ...context.environment(where), ...environment };
    const side = Side.start(subject.model, process.execPath, [RUNNER, bundle, JSON.stringify(subject)], all);
    sides.push(side);
    return side;
  };
  const own: Context = { ...context, start, program: (args) => program(join(context.folder, 'home'), args, ended) };
  const late = new Promise<Verdict>((resolve) => {
    ended.addEventListener('abort', () => resolve({ state: 'skipped', text: 'There was no time left for it.' }), {
      once: true,
    });
  });
  try {
    return await Promise.race([check.run(own), late]);
  } catch (error) {
    if (ended.aborted) return await late;
    return { state: 'bad', text: `It failed: ${(error as Error).message.trim()}` };
  } finally {
    await Promise.all(sides.map((side) => side.close()));
  }
}

export async function runChecks({ quick, minutes, only }: Options, say: (line: string) => void): Promise<Report> {
  const gpus = await usableGpus();
  const folder = mkdtempSync(join(tmpdir(), 'efficienttrain-gpu-check-'));
  const until = performance.now() + 60_000 * minutes;
  const context: Omit<Context, 'start' | 'program'> = {
    ...{ quick, gpus, folder },
    environment: (where) => environmentOf(where, gpus),
    memoryUsed: async () =>
      gpus[0] ? ((await readGpus()).gpus.find(({ uuid }) => uuid === gpus[0]?.uuid)?.memory_used ?? null) : null,
  };
  const checks = CHECKS.filter(({ id }) => !only.length || only.includes(id));
  const width = Math.max(...checks.map(({ id }) => id.length));
  const results: Result[] = [];
  try {
    for (const check of checks) {
      const begun = performance.now();
      const verdict = await verdictOf(check, context, Math.max(1, Math.round(until - begun)));
      results.push({ id: check.id, ...verdict, seconds: (performance.now() - begun) / 1000 });
      say(`${MARKS[verdict.state]} ${check.id.padEnd(width)}  ${verdict.text}`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const ok = results.every(({ state }) => state !== 'bad');
  return { device: gpus.length ? 'gpu' : 'processor', gpus, ok, results };
}

/** Returns the last line. */
export function summary({ device, ok, results }: Report): string {
  const failed = results.filter(({ state }) => state === 'bad').map(({ id }) => id);
  if (!ok) return `Not in order: ${failed.join(', ')}.`;
  if (device === 'processor')
    return 'No GPU was checked: there is none that TensorFlow could use. The checks themselves work.';
  return 'The GPU is in order.';
}
