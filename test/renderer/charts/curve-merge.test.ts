import { describe, expect, it } from 'vitest';
import type { Curve } from '../../../src/shared/contract/metrics';
import { applied, merged, spliced, stepsOf } from '../../../src/renderer/charts/curve-merge';
import { curveOf } from './support';

const part = (from: number, to: number, width = 1): Curve => {
  const step: number[] = [];
  for (let at = from; at <= to; at += width) step.push(at + width - 1);
  return curveOf(
    step.map((at) => at / 2),
    { step, width },
  );
};

describe('pieces of a curve', () => {
  it('are put one after the other', () => expect(merged(part(1, 50), part(51, 60))).toEqual(part(1, 60)));

  it('replace the last, unfinished bucket', () => {
    const known = { ...part(0, 63, 16), step: [15, 31, 47, 52] };
    const made = merged(known, part(48, 95, 16));
    expect(made?.step).toEqual([15, 31, 47, 63, 79, 95]);
  });

  it('of another width do not fit', () => expect(merged(part(1, 50), part(48, 95, 16))).toBeNull());

  it('keep what is known where nothing is new, but for the gaps', () => {
    const empty = { ...part(1, 0), not_finite: 2, gaps: [7, 8] };
    expect(merged(part(1, 50), empty)).toEqual({ ...part(1, 50), not_finite: 2, gaps: [7, 8] });
  });
});

describe('pieces that tell nothing new', () => {
  it('leave the curve and the set the same objects', () => {
    const known = part(0, 127, 16);
    expect(merged(known, part(112, 127, 16))).toBe(known);
    expect(merged(known, part(1, 0, 16))).toBe(known);
    expect(merged(known, { ...part(112, 127, 16), gaps: [3] })).not.toBe(known);
    const set = new Map([['train/loss', known]]);
    expect(applied(set, 127, { curves: [part(112, 127, 16)], last_step: 127 })).toBe(set);
  });
});

describe('a live set of curves', () => {
  const known = new Map([['train/loss', part(1, 50)]]);

  it('takes series that have begun since', () => {
    const next = applied(known, 50, { curves: [part(51, 60), { ...part(60, 60), name: 'val/loss' }], last_step: 60 });
    expect(next?.get('train/loss')?.step.length).toBe(60);
    expect(next?.get('val/loss')?.step).toEqual([60]);
  });

  it('has to be asked for anew where the run has gone back', () => {
    expect(applied(known, 50, { curves: [part(31, 40)], last_step: 40 })).toBeNull();
  });
});

describe('a part in more detail', () => {
  it('replaces the coarse buckets of its range', () => {
    const whole = part(0, 1023, 64);
    const made = spliced(whole, part(256, 511), 256, 511);
    expect(made.width).toBe(1);
    expect(made.step.slice(0, 5)).toEqual([63, 127, 191, 255, 256]);
    expect(made.step.at(-1)).toBe(1023);
    expect([...made.step]).toEqual([...new Set(made.step)].sort((a, b) => a - b));
    expect(made.step.length).toBe(4 + 256 + 8);
  });

  it('is not used where it is no finer', () => {
    const whole = part(1, 50);
    expect(spliced(whole, part(10, 20), 10, 20)).toBe(whole);
  });
});

describe('a range of another axis', () => {
  it('is given in steps, one more on either side', () => {
    const curve = part(1, 100);
    expect(stepsOf(curve, 'seconds', [2.05, 4.95])).toEqual({ from: 20, to: 50 });
    expect(stepsOf(curve, 'step', [2.5, 4.5])).toEqual({ from: 2, to: 5 });
    expect(stepsOf(curve, 'epoch', [0, 99]).to).toBe(100);
  });
});
