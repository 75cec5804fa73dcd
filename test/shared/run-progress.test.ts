import { describe, expect, it } from 'vitest';
import { buildPlan, positionAt } from '../../src/shared/curriculum/plan';
import { resolveConfig } from '../../src/shared/run-config-resolve';
import { shareDone, stageTicks } from '../../src/shared/run-progress';

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

describe.each(['efficienttrain++', 'efficienttrain', 'constant'])('how far a run of %s is', (preset) => {
  const { config } = resolveConfig({
    dataset: 'd',
    model,
    preset,
    flags: { 'schedule.equivalent_epochs': 8, 'data.batch': 16 },
  });
  const plan = buildPlan(config, 640, (size) => size * size);
  const at = (step: number): number =>
    shareDone({
      ...{ step, steps: plan.totals.steps },
      stages: plan.stages.map(({ bandwidth, magnitude, share }) => [bandwidth, magnitude, share]),
      stage_ends: plan.stages.map(({ first_step, steps }) => first_step + steps),
    });

  it('is the share of compute that the trainer counts, at every step', () => {
    for (let step = 0; step <= plan.totals.steps; step++) expect(at(step)).toBeCloseTo(positionAt(plan, step).t, 9);
    expect(at(plan.totals.steps)).toBe(1);
  });

  it('has its marks where the stages end', () => {
    const stages = plan.stages.map(({ bandwidth, share }): [number, number, number] => [bandwidth, 0, share]);
    const ends = plan.stages.slice(0, -1).map(({ first_step, steps }) => at(first_step + steps));
    const ticks = stageTicks({ stages });
    expect(ticks).toHaveLength(ends.length);
    ticks.forEach((tick, index) => expect(tick).toBeCloseTo(ends[index] as number, 9));
  });
});

describe('how far a run is', () => {
  it('has no step yet', () => {
    expect(shareDone({ step: 0, steps: 0, stages: [], stage_ends: [] })).toBe(0);
    expect(shareDone({ step: 0, steps: 10, stages: [[8, 0, 1]], stage_ends: [10] })).toBe(0);
  });
});
