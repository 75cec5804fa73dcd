import { expect, it } from 'vitest';
import { curveSchema } from '../../src/shared/contract/metrics';

const curve = {
  ...{ name: 'train/loss', width: 2, not_finite: 0 },
  ...{ step: [2, 4], mean: [1, 0.5], min: [1, 0.4], max: [1, 0.6], epoch: [0.1, 0.2], equivalent_epochs: [0.1, 0.2] },
  ...{ seconds: [1, 2], gaps: [] },
};

it('takes columns of finite numbers, and nothing else', () => {
  expect(curveSchema.parse(curve)).toEqual(curve);
  for (const mean of [[1, NaN], [1, Infinity], [1, null], [1, '2'], 'text', null, undefined])
    expect(curveSchema.safeParse({ ...curve, mean }).success, String(mean)).toBe(false);
});
