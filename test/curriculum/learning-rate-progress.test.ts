/** In what unit the learning rate's progress is counted, and for what length it is planned. */
import { describe, expect, it } from 'vitest';
import { buildPlan, learningRateAt, type Plan } from '../../src/shared/curriculum/plan';
import { runConfigSchema, type RunConfig } from '../../src/shared/run-config';

const SAMPLES = 960;

function made(
  bandwidths: number[],
  share_of: 'compute' | 'epochs',
  epochs: number,
  optimizer: object,
): [Plan, RunConfig] {
  const config = runConfigSchema.parse({
    ...{ dataset: 'd', model: 'm', size: 32, data: { batch: 16 }, optimizer },
    schedule: {
      ...{ share_of, equivalent_epochs: epochs },
      stages: bandwidths.map((bandwidth) => ({ bandwidth, magnitude: 0, share: 1 / bandwidths.length })),
    },
  });
  return [buildPlan(config, SAMPLES, () => 1), config];
}

const rates = ([plan, config]: [Plan, RunConfig], steps: number): number[] =>
  Array.from({ length: steps }, (_, step) => learningRateAt(plan, config, step));

const cosine = (progress: number, peak: number, least: number): number =>
  least + 0.5 * (peak - least) * (1 + Math.cos(Math.PI * progress));

describe('progress in images', () => {
  const optimizer = {
    lr_progress: 'images',
    base_batch: 16,
    base_lr: 1,
    min_lr: 0,
    warmup: { unit: 'fraction', value: 0 },
  };
  /** With this much compute, each of the two stages has two passes. */
  const schedule = (bandwidths: number[]): [Plan, RunConfig] =>
    made(bandwidths, 'epochs', 2 * bandwidths.reduce((sum, side) => sum + (side / 32) ** 2, 0), optimizer);

  it('is that of ordinary training whatever the bandwidths are', () => {
    const constant = schedule([32, 32]);
    expect(constant[0].totals.steps).toBe(240);
    for (const bandwidths of [
      [16, 32],
      [8, 16],
    ])
      expect(rates(schedule(bandwidths), 240)).toEqual(rates(constant, 240));
    rates(constant, 240).forEach((lr, step) => expect(lr).toBeCloseTo(cosine(step / 240, 1, 0), 12));
  });

  it('counts a warm-up in passes as passes', () => {
    const warm = { ...optimizer, warmup_lr: 0, warmup: { unit: 'first_stage_passes', value: 0.5 } };
    const [plan, config] = made([16, 32], 'epochs', 2.5, warm);
    expect(learningRateAt(plan, config, 30)).toBeCloseTo(1, 12);
    expect(learningRateAt(plan, config, 15)).toBeCloseTo(0.5, 12);
  });
});

describe('a length longer than the run', () => {
  it('makes the run the first part of the longer one', () => {
    const warmup = { unit: 'first_stage_passes', value: 1 };
    const whole = made([16, 16, 32, 32], 'compute', 4, { warmup });
    const part = made([16, 16], 'compute', 2, { warmup, lr_horizon: whole[0].totals.equivalent_epochs });
    expect(part[0].stages.map(({ steps }) => steps)).toEqual(whole[0].stages.slice(0, 2).map(({ steps }) => steps));
    const [expected, actual] = [rates(whole, part[0].totals.steps), rates(part, part[0].totals.steps)];
    actual.forEach((lr, step) => expect(lr).toBeCloseTo(expected[step] as number, 12));
  });

  it('stays at its end where the run is longer', () => {
    const [plan, config] = made([32], 'compute', 2, { lr_horizon: 1, min_lr: 0.001 });
    expect(learningRateAt(plan, config, plan.totals.steps - 1)).toBeCloseTo(0.001, 12);
  });
});
