/** Our own ops in libtensorflow (native/kernels). They fuse what composed ops compute in many passes over memory. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Binding } from './node-backend';
import { ENGINE_KERNELS, ENGINE_KERNELS_BFLOAT16 } from './engine-cache';
import type { Engine } from './locate';

/** Processor features that register.cc requires. */
const NEEDED = ['avx2', 'fma'];

let known: ReadonlySet<string> | undefined;

function processorFlags(): ReadonlySet<string> {
  if (process.platform !== 'linux') return new Set();
  known ??= new Set((/^flags\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? '').trim().split(/\s+/));
  return known;
}

/**
 * Processor features that it requires for products in bfloat16. Processors with AMX tiles leave these products to
 * oneDNN, which uses the tiles.
 */
const NEEDED_FOR_HALF = ['avx512f', 'avx512bw', 'avx512dq', 'avx512vl', 'avx512_bf16'];

const processorFits = (): boolean => NEEDED.every((flag) => processorFlags().has(flag));

/**
 * Says whether our kernels are available: the engine has them and the processor can run them.
 * EFFICIENTTRAIN_KERNELS=off disables them for a comparison.
 */
export function kernelsLoaded(engine: Engine): boolean {
  if (process.env['EFFICIENTTRAIN_KERNELS'] === 'off' || engine.kind !== 'libtensorflow') return false;
  return existsSync(join(dirname(engine.addon), ENGINE_KERNELS)) && processorFits();
}

/** Says whether graphs may use them: only on the processor, because they have no GPU implementation. */
export const kernelsUsable = (engine: Engine, binding: Pick<Binding, 'isUsingGpuDevice'>): boolean =>
  kernelsLoaded(engine) && !binding.isUsingGpuDevice();

/** Says whether they multiply bfloat16, where they may be used at all. */
export function multipliesHalf(engine: Engine): boolean {
  if (engine.kind !== 'libtensorflow' || ['avx2', 'avx512'].includes(process.env['EFFICIENTTRAIN_KERNELS'] ?? ''))
    return false;
  const flags = processorFlags();
  if (!NEEDED_FOR_HALF.every((flag) => flags.has(flag)) || flags.has('amx_bf16')) return false;
  return existsSync(join(dirname(engine.addon), ENGINE_KERNELS_BFLOAT16));
}
