import { readFileSync } from 'node:fs';

const SHOWN = ['avx2', 'fma', 'avx512f', 'avx512_bf16', 'amx_bf16'];
/** Instruction sets that multiply in bfloat16. */
const BFLOAT16 = ['avx512_bf16', 'amx_bf16'];

/** Returns those of the processor's instruction sets that speed up training; null where they can't be read. */
export function cpuFeatures(): string[] | null {
  if (process.platform !== 'linux') return null;
  const flags = new Set(/^flags\s*:\s*(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1]?.split(' '));
  return SHOWN.filter((flag) => flags.has(flag));
}

export const hasBfloat16 = (features = cpuFeatures()): boolean =>
  features?.some((flag) => BFLOAT16.includes(flag)) === true;

/**
 * Returns what the last digits of a step depend on beside its threads: the processor's instructions choose the kernels,
 * as do settings that ask for lesser ones.
 */
export function instructionSet(features = cpuFeatures(), environment: NodeJS.ProcessEnv = process.env): string {
  const asked = environment['EFFICIENTTRAIN_KERNELS'];
  return [...(features ?? ['unknown']), ...(asked ? [`kernels=${asked}`] : [])].join(' ') || 'none';
}
