import { describe, expect, it } from 'vitest';
import { buildPlan, positionAt } from '../../../src/shared/curriculum/plan';
import { resolveConfig } from '../../../src/shared/run-config-resolve';
import { X_AXES } from '../../../src/renderer/charts/curve-data';
import { stageShades } from '../../../src/renderer/views/run/stage-shades';
import { curveOf } from '../charts/support';

const model = {
  ...{
    id: 'm',
    size: 64,
    task: 'classify',
    preset: 'efficienttrain++',
    sizes: { kind: 'strides' as const, step: 8, min: 16 },
    recipe: {},
  },
  ...{ mean: [0.5, 0.5, 0.5], std: [0.2, 0.2, 0.2], interpolation: 'bilinear' },
};
const flags = { 'schedule.equivalent_epochs': 8, 'data.batch': 16 };
const plan = buildPlan(resolveConfig({ dataset: 'd', model, flags }).config, 640, (size) => size * size);
const step = Array.from({ length: plan.totals.steps }, (_, index) => index + 1);
const curve = curveOf(
  step.map(() => 1),
  {
    step,
    epoch: step.map((at) => positionAt(plan, at).epoch),
    equivalent_epochs: step.map((at) => positionAt(plan, at).equivalent_epochs),
    seconds: step.map((at) => at ** 1.5),
  },
);

describe('the stages behind a chart', () => {
  it.each(X_AXES)('end where the recorded %s says', (axis) => {
    const shades = stageShades({ plan, size: 64 }, axis, curve);
    expect(shades).toHaveLength(plan.stages.length);
    shades.forEach(({ from, to }, index) => {
      const { first_step, steps } = plan.stages[index] as (typeof plan.stages)[number];
      expect(to).toBeCloseTo(curve[axis][first_step + steps - 1] as number, 6);
      expect(from).toBeCloseTo(index ? (shades[index - 1]?.to as number) : 0, 12);
    });
  });

  it('that are not finished have no end in time, and those after them no place', () => {
    const short = { ...curve, step: step.slice(0, 10), seconds: curve.seconds.slice(0, 10) };
    const shades = stageShades({ plan, size: 64 }, 'seconds', short);
    expect(shades[0]).toMatchObject({ from: 0, to: Infinity });
    expect(shades.slice(1).every(({ from }) => from === Infinity)).toBe(true);
    expect(stageShades({ plan, size: 64 }, 'seconds', undefined).every(({ to }) => to === 0)).toBe(true);
  });
});
