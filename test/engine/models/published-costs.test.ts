/**
 * Parameters and multiply-adds of every full-size model agree with what is published: timm's benchmark table (timm 1.0,
 * results/benchmark-infer-amp-nchw-pt240-cu124-rtx3090.csv), and the authors' tables for what timm lacks. A model
 * without a row fails. CSWin-L is the exception. Its authors print 31.5, which doesn't match the 15.0 of CSWin-B: 1.5
 * times as wide is 2.2 times as costly. So its row has PyTorch's count of the network that
 * test/golden/models/families/cswin.py builds.
 */
import { expect, it } from 'vitest';
import { modelEntries, modelEntry } from '../../../src/main/engine/models';
import rowsJson from './published-costs.json';

/**
 * Id, parameters with 1,000 classes, GMACs at 224 px as printed, and multiply-adds at 96, 128, 160 and 192 px as shares
 * of those at 224 px. The shares are left out where the number of pixels alone decides. They are null where attention
 * contributes and no number is published.
 */
type Row = [id: string, parameters: number, gmacs: string, shares?: [number, number, number, number] | null];

const rows = rowsJson as unknown as Row[];
const STAGES = [96, 128, 160, 192];
const QUADRATIC = STAGES.map((side) => (side / 224) ** 2);

/** Half a unit of the last printed digit. */
const rounding = (printed: string): number => 0.5 / 10 ** (printed.split('.')[1]?.length ?? 0);

it('every full-size classifier has a row', () => {
  const full = modelEntries('classify').filter(({ id }) => !id.includes('micro'));
  expect(rows.map(([id]) => id).sort()).toEqual(full.map(({ id }) => id).sort());
});

it.each(rows)('%s has %d parameters and %s GMACs, within 1 % at every stage', (id, parameters, gmacs, shares) => {
  const entry = modelEntry(id);
  expect(entry.parameters(1000)).toBe(parameters);
  const whole = entry.macs(224) / 1e9;
  expect(Math.abs(whole - Number(gmacs)), `${whole} GMACs`).toBeLessThan(0.01 * Number(gmacs) + rounding(gmacs));
  const expected = shares === undefined ? QUADRATIC : (shares ?? []);
  expected.forEach((share, at) => {
    const side = STAGES[at] as number;
    expect(Math.abs(entry.macs(side) / entry.macs(224) / share - 1), `${side} px`).toBeLessThan(0.01);
  });
});
