/** What the benches say of the processor. */
import { describe, expect, it } from 'vitest';
import { processorOf } from './processor.mjs';

const cpuinfo = (maker: string, family: number, flags: string): string =>
  `processor\t: 0\nvendor_id\t: ${maker}\ncpu family\t: ${family}\nmodel\t\t: 17\nmodel name\t: A name\nflags\t\t: fpu ${flags}\n`;

describe('processorOf', () => {
  it.each([
    ['', '', 'AVX2 at most'],
    [cpuinfo('AuthenticAMD', 23, 'avx2'), '', 'AVX2 at most (family 23, model 17)'],
    [
      cpuinfo('AuthenticAMD', 25, 'avx2 avx512f avx512_bf16'),
      'AVX-512 in two halves',
      'AVX-512 in two halves of 256 bits (family 25, model 17)',
    ],
    [cpuinfo('AuthenticAMD', 26, 'avx512f'), 'AVX-512', 'AVX-512 (family 26, model 17)'],
    [cpuinfo('GenuineIntel', 6, 'avx512f amx_tile'), 'AVX-512', 'AVX-512 (family 6, model 17)'],
  ])('%j', (text, section, words) => expect(processorOf(text)).toEqual({ section, words }));
});
