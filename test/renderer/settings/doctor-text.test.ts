/** The texts of the doctor's findings. */
import { expect, it } from 'vitest';
import { inEnglish, inWords } from '../../../src/shared/doctor-words';
import { isNeutral, type Check } from '../../../src/renderer/views/settings/doctor-text';

const check = (ok: boolean, facts: Check['facts']): Check => ({
  ...{ id: 'devices', ok, facts, value: inEnglish(facts), cause: null, remedy: null },
});

it('a machine without a GPU is neither right nor wrong', () => {
  const cpu = inWords('cpu', { gib: 4 });
  expect(isNeutral(check(true, [cpu, inWords('no_gpu')]))).toBe(true);
  expect(isNeutral(check(true, [cpu, inWords('a_gpu')]))).toBe(false);
  expect(isNeutral(check(false, [cpu, inWords('gpu_refused')]))).toBe(false);
});
