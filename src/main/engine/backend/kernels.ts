/** Our own ops in libtensorflow (native/kernels): fused forms of what composed ops pass over memory many times for. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Binding } from './node-backend';
import { ENGINE_KERNELS, ENGINE_KERNELS_BFLOAT16 } from './engine-cache';
import type { Engine } from './locate';

/** What register.cc asks of the processor. */
const NEEDED = ['avx2', 'fma'];

let known: ReadonlySet<string> | undefined;

function processorFlags(): ReadonlySet<string> {
  if (process.platform !== 'linux') return new Set();
  known ??= new Set((/^flags\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? '').trim().split(/\s+/));
  return known;
}

/**
 * What it asks of it for products in bfloat16. Processors with units for whole tiles of them are left to oneDNN, which
 * uses those.
 */
const NEEDED_FOR_HALF = ['avx512f', 'avx512bw', 'avx512dq', 'avx512vl', 'avx512_bf16'];

const processorFits = (): boolean => NEEDED.every((flag) => processorFlags().has(flag));

/**
 * Whether they are there: the engine brought them and the processor runs them. EFFICIENTTRAIN_KERNELS=off leaves them
 * out, to compare.
 */
export function kernelsLoaded(engine: Engine): boolean {
  if (process.env['EFFICIENTTRAIN_KERNELS'] === 'off' || engine.kind !== 'libtensorflow') return false;
  return existsSync(join(dirname(engine.addon), ENGINE_KERNELS)) && processorFits();
}

/** Whether graphs may use them: the device has to be the processor, they have no GPU form. */
export const kernelsUsable = (engine: Engine, binding: Pick<Binding, 'isUsingGpuDevice'>): boolean =>
  kernelsLoaded(engine) && !binding.isUsingGpuDevice();

/** Whether they multiply bfloat16, where they may be used at all. */
export function multipliesHalf(engine: Engine): boolean {
  if (engine.kind !== 'libtensorflow' || ['avx2', 'avx512'].includes(process.env['EFFICIENTTRAIN_KERNELS'] ?? ''))
    return false;
  const flags = processorFlags();
  if (!NEEDED_FOR_HALF.every((flag) => flags.has(flag)) || flags.has('amx_bf16')) return false;
  return existsSync(join(dirname(engine.addon), ENGINE_KERNELS_BFLOAT16));
}
