import { readFile, statfs } from 'node:fs/promises';
import { availableParallelism, cpus, totalmem } from 'node:os';
import type { Machine } from '../../../shared/contract/machine';
import { locateEngine } from '../../engine/backend/locate';
import { livePids } from '../../store/runs';
import type { Handlers } from '../core/context';

const ENGINES = { libtensorflow: 'libtensorflow', prebuilt: 'tfjs-node', 'tfjs-cpu': 'tfjs-cpu' } as const;
const PAGE_BYTES = 4096;
/** The engine changes only when somebody builds one. */
const ENGINE_MS = 60_000;

let looked: { at: number; engine: Machine['engine'] } | null = null;

function engineNow(): Machine['engine'] {
  const now = performance.now();
  if (!looked || now - looked.at > ENGINE_MS) looked = { at: now, engine: ENGINES[locateEngine().kind] };
  return looked.engine;
}

/** Returns 0 for a process that has ended, and where the system has no file with this number. */
async function residentBytes(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/statm`, 'utf8').catch(() => '');
  return Number(text.split(' ')[1] ?? 0) * PAGE_BYTES;
}

const device = (cpus()[0]?.model ?? process.arch).replace(/\s+/g, ' ').trim();

export const handlers: Handlers<'machine'> = {
  'machine.status': async ({ store, home, gpus }) => {
    const [resident, disk] = await Promise.all([Promise.all(livePids(store).map(residentBytes)), statfs(home)]);
    const engine = engineNow();
    return {
      ...{ device, cores: availableParallelism(), engine, gpus: (gpus.usable() ?? []).map(({ name }) => name) },
      onednn: engine !== 'tfjs-cpu' && process.env['TF_ENABLE_ONEDNN_OPTS'] !== '0',
      trainer_bytes: resident.reduce((sum, bytes) => sum + bytes, 0),
      memory_total: totalmem(),
      free_disk: disk.bavail * disk.bsize,
    };
  },
  'machine.gpus': async ({ gpus }) => ({ gpus: await gpus.figures(), used: gpus.canCompute() }),
};
