import { describe, expect, it } from 'vitest';
import { about, duration } from '../../../src/renderer/format/time';

describe('an estimate', () => {
  it.each([
    [8.4, 'about 8 s'],
    [126, 'about 2 min'],
    [59 * 60, 'about 59 min'],
    [12_600, 'about 3.5 h'],
    [7200, 'about 2 h'],
    [300_000, 'about 3.5 d'],
  ])('of %d s has one unit', (seconds, text) => expect(about(seconds)).toBe(text));

  it('that is not known is a dash', () =>
    expect([about(null), about(undefined), about(Infinity)]).toEqual(['–', '–', '–']));

  it('is less exact than what was measured', () => expect(duration(126)).toBe('2 min 6 s'));
});
