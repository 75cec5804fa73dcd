import { readFileSync } from 'node:fs';

const SHOWN = ['avx2', 'fma', 'avx512f', 'avx512_bf16', 'amx_bf16'];
/** Instruction sets that multiply in bfloat16. */
const BFLOAT16 = ['avx512_bf16', 'amx_bf16'];

/** Of the processor's instruction sets, those that training gains by; null where they can't be told. */
export function cpuFeatures(): string[] | null {
  if (process.platform !== 'linux') return null;
  const flags = new Set(/^flags\s*:\s*(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1]?.split(' '));
  return SHOWN.filter((flag) => flags.has(flag));
}

export const hasBfloat16 = (features = cpuFeatures()): boolean => features?.some((flag) => BFLOAT16.includes(flag)) === true;
