/** The processor that a bench runs on, as far as its figures depend on it. */

/**
 * AMD's Zen 4 executes an instruction of 512 bits in two halves (AMD's optimization guide for Zen 4, document 57647).
 */
const HALVES = { maker: 'AuthenticAMD', family: '25' };

/**
 * @param {string} cpuinfo what /proc/cpuinfo says; empty where there is none
 * @returns {{ section: string, words: string }} the suffix of the report's sections, because figures of different
 *     processors stay side by side, and what the processor has, in words
 */
export function processorOf(cpuinfo) {
  const field = (name) => new RegExp(`^${name}\\s*: *(.*)$`, 'm').exec(cpuinfo)?.[1] ?? '';
  const maker = field('vendor_id');
  const family = field('cpu family');
  const identity = family ? ` (family ${family}, model ${field('model')})` : '';
  if (!/\bavx512f\b/.test(field('flags'))) return { section: '', words: `AVX2 at most${identity}` };
  const halves = maker === HALVES.maker && family === HALVES.family;
  return halves
    ? { section: 'AVX-512 in two halves', words: `AVX-512 in two halves of 256 bits${identity}` }
    : { section: 'AVX-512', words: `AVX-512${identity}` };
}
