import { describe, expect, it } from 'vitest';
import { buildPlan, evaluationDue, learningRateAt, passesOf, positionAt } from '../../src/shared/curriculum/plan';
import { allPresets, presetOf } from '../../src/shared/curriculum/presets';
import { checkStages, nearestValid, scheduleOf } from '../../src/shared/curriculum/stages';
import { runConfigSchema, type RunConfig } from '../../src/shared/run-config';

const vit = { multiple: 16, minSize: 16 };
const rounded = (values: number[]): number[] => values.map((value) => Number(value.toFixed(2)));

function configOf(id: string, size = 224, epochs = 200, rule = vit): RunConfig {
  return runConfigSchema.parse({ dataset: 'd', model: 'm', size, schedule: scheduleOf(presetOf(id), size, rule, epochs) });
}

describe('published schedules at 200 equivalent epochs (Wang et al., TPAMI 2024 and ICCV 2023)', () => {
  const passes = (id: string): number[] => rounded(passesOf(configOf(id).schedule, 224));
  const total = (id: string): number => Number(passesOf(configOf(id).schedule, 224).reduce((a, b) => a + b).toFixed(2));
  it('efficienttrain++', () => {
    expect(passes('efficienttrain++')).toEqual([108.89, 108.89, 39.2, 39.2, 39.2, 39.2, 20, 20, 20, 20]);
    expect(total('efficienttrain++')).toBe(454.58);
  });
  it('its variants', () => {
    expect(total('efficienttrain++-deit')).toBe(469.02);
    expect(total('efficienttrain++-convnext')).toBe(315.2);
  });
  it('efficienttrain counts epochs, not compute', () => expect(passes('efficienttrain')).toEqual([183.75, 61.25, 61.25]));
  it('constant is 200 passes and no speed-up', () => {
    const plan = buildPlan(configOf('constant'), 1000, () => 1);
    expect(rounded([plan.totals.passes, plan.totals.speedup])).toEqual([200.06, 1]);
  });
});

describe('stages', () => {
  it('rounds half up to the multiple, at least one, at most the final size', () => {
    expect(nearestValid(24, 64, { multiple: 16, minSize: 16 })).toBe(32);
    expect(nearestValid(3, 64, { multiple: 16, minSize: 16 })).toBe(16);
    expect(nearestValid(70, 64, { multiple: 16, minSize: 16 })).toBe(64);
  });
  it('every preset fits every size', () => {
    for (const { id } of allPresets()) for (const size of [32, 64, 128, 160, 224, 384]) checkStages(scheduleOf(presetOf(id), size, vit, 10), size, vit);
  });
  it('an invalid stage is refused with the nearest valid size', () => {
    const schedule = { ...configOf('constant').schedule, stages: [{ bandwidth: 100, magnitude: 0, magnitude_end: null, share: 1, batch: null }] };
    expect(() => checkStages(schedule, 224, vit)).toThrow(expect.objectContaining({ code: 'invalid_stage', why: expect.stringContaining('nearest valid size is 96') }));
  });
});

describe('plan', () => {
  const whole = configOf('efficienttrain++', 224, 20);
  const config = { ...whole, data: { ...whole.data, batch: 32 } };
  const plan = buildPlan(config, 1000, (size) => size * size);
  it('steps are differences of the rounded cumulative passes', () => {
    const passes = passesOf(config.schedule, 224);
    let sum = 0;
    let before = 0;
    passes.forEach((value, index) => {
      sum += value;
      const border = Math.round((sum * 1000) / 32);
      expect(plan.stages[index]?.steps).toBe(border - before);
      before = border;
    });
    expect(plan.stages.reduce((all, { share }) => all + share, 0)).toBeCloseTo(1, 12);
  });
  it('progress is in compute and ends at 1', () => {
    expect(positionAt(plan, 0)).toMatchObject({ stage: 0, t: 0 });
    expect(positionAt(plan, plan.totals.steps).t).toBeCloseTo(1, 12);
    expect(positionAt(plan, plan.totals.steps).equivalent_epochs).toBeCloseTo(20, 1);
    expect(positionAt(plan, plan.stages[2]?.first_step ?? 0).t).toBeCloseTo(0.2, 2);
  });
  it('learning rate warms up, then falls without a restart at borders', () => {
    const rates = Array.from({ length: plan.totals.steps }, (_, step) => learningRateAt(plan, config, step));
    const peak = rates.indexOf(Math.max(...rates));
    expect(rates[0]).toBe(1e-6);
    expect(rates.every((rate, step) => step === 0 || (step <= peak ? rate >= rates[step - 1]! : rate <= rates[step - 1]!))).toBe(true);
    expect(Math.max(...rates)).toBeCloseTo((4e-3 * 32) / 4096, 6);
    expect(rates.at(-1)).toBeLessThan(2e-6);
  });
  it('a larger batch follows the square root rule up to its bound', () => {
    const early = { ...whole, schedule: { ...whole.schedule, stages: whole.schedule.stages.map((stage, index) => ({ ...stage, batch: index < 2 ? 512 : null })) } };
    const bounded = { ...early, optimizer: { ...early.optimizer, warmup: { unit: 'fraction' as const, value: 0 } } };
    const large = buildPlan(bounded, 4000, (size) => size);
    expect(learningRateAt(large, bounded, 0)).toBeCloseTo(((4e-3 * 128) / 4096) * 2, 9);
    const capped = { ...bounded, optimizer: { ...bounded.optimizer, max_lr_upper_bound: 1.5e-4 } };
    expect(learningRateAt(large, capped, 0)).toBeCloseTo(1.5e-4, 9);
  });
  it('evaluates at every border and about twenty times', () => {
    const due = Array.from({ length: plan.totals.steps }, (_, step) => step).filter((step) => evaluationDue(plan, null, step));
    expect(due.at(-1)).toBe(plan.totals.steps - 1);
    for (const { first_step, steps } of plan.stages) expect(due).toContain(first_step + steps - 1);
    expect(due.length).toBeGreaterThanOrEqual(20);
    expect(due.length).toBeLessThanOrEqual(31);
  });
});
