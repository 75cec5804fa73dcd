import { describe, expect, it } from 'vitest';
import { buildPlan, evaluationDue, learningRateAt, positionAt, warmupShare } from '../../src/shared/curriculum/plan';
import { passesOf } from '../../src/shared/curriculum/passes';
import { allPresets, presetOf } from '../../src/shared/curriculum/presets';
import type { SizeRule } from '../../src/shared/curriculum/size-rule';
import { checkStages, scheduleOf, stageProblems } from '../../src/shared/curriculum/stages';
import { runConfigSchema, type RunConfig } from '../../src/shared/run-config';

const vit: SizeRule = { kind: 'patches', step: 16, min: 16 };
const rounded = (values: number[]): number[] => values.map((value) => Number(value.toFixed(2)));

function configOf(id: string, size = 224, epochs = 200, rule = vit): RunConfig {
  return runConfigSchema.parse({
    dataset: 'd',
    model: 'm',
    size,
    schedule: scheduleOf(presetOf(id), size, rule, epochs),
  });
}

describe('published schedules at 200 equivalent epochs (Wang et al., TPAMI 2024 and ICCV 2023)', () => {
  const passes = (id: string): number[] => rounded(passesOf(configOf(id).schedule, 224));
  const total = (id: string): number =>
    Number(
      passesOf(configOf(id).schedule, 224)
        .reduce((a, b) => a + b)
        .toFixed(2),
    );
  it('efficienttrain++', () => {
    expect(passes('efficienttrain++')).toEqual([108.89, 108.89, 39.2, 39.2, 39.2, 39.2, 20, 20, 20, 20]);
    expect(total('efficienttrain++')).toBe(454.58);
  });
  it('its variants', () => {
    expect(total('efficienttrain++-deit')).toBe(469.02);
    expect(total('efficienttrain++-convnext')).toBe(315.2);
  });
  it('efficienttrain counts epochs, not compute', () => expect(passes('efficienttrain')).toEqual(Array(5).fill(61.25)));
  it('three-stage counts epochs; its middle is 128 at 224 px and (96 + size) / 2 elsewhere', () => {
    const bandwidths = (size: number): number[] =>
      configOf('three-stage', size).schedule.stages.map(({ bandwidth }) => bandwidth);
    expect([224, 448, 288, 128, 64].map(bandwidths)).toEqual([
      [96, 128, 224],
      [192, 272, 448],
      [128, 192, 288],
      [48, 112, 128],
      [32, 48, 64], // (96 + 64) / 2 is beyond the final size, so the size is half way from the first stage's
    ]);
    const epochs = passesOf(configOf('three-stage').schedule, 224);
    const all = epochs.reduce((a, b) => a + b);
    expect(rounded(epochs.map((value) => value / all))).toEqual([0.4, 0.3, 0.3]);
    expect(
      configOf('three-stage').schedule.stages.map(({ magnitude, magnitude_end }) => [magnitude, magnitude_end]),
    ).toEqual([
      [0, 3.6],
      [3.6, 6.3],
      [6.3, 9],
    ]);
  });
  it('a linear probe counts no backward pass of its encoder', () => {
    const flops = (task: string): number => buildPlan({ ...configOf('constant'), task }, 1000, () => 7).totals.flops;
    expect(flops('classify')).toBe(3 * flops('probe'));
  });
  it('sizes and magnitudes', () => {
    const stages = (id: string): number[][] =>
      configOf(id).schedule.stages.map(({ bandwidth, magnitude }) => [bandwidth, magnitude]);
    const slices = (...sizes: number[]): number[][] => sizes.map((size, index) => [size, index]);
    expect(stages('efficienttrain++')).toEqual(slices(96, 96, 160, 160, 160, 160, 224, 224, 224, 224));
    expect(stages('efficienttrain++-deit')).toEqual(slices(96, 96, 160, 160, 160, 160, 192, 192, 224, 224));
    expect(stages('efficienttrain++-convnext')).toEqual(slices(160, 160, 160, 160, 160, 160, 224, 224, 224, 224));
    expect(stages('constant')).toEqual([[224, 9]]);
    expect(stages('efficienttrain')).toEqual([
      [160, 1],
      [160, 3],
      [160, 5],
      [192, 7],
      [224, 9],
    ]);
  });
  it('on ImageNet-1K at batch 1024: steps, images, speed-up', () => {
    const whole = configOf('efficienttrain++');
    const { stages, totals } = buildPlan({ ...whole, data: { ...whole.data, batch: 1024 } }, 1_281_167, () => 1);
    // In Python: int(cumulative * 1281167 / 1024 + 0.5), cumulative += 20 * (224 / b) ** 2.
    expect(stages.map(({ first_step }) => first_step)).toEqual([
      0, 136235, 272470, 321515, 370560, 419604, 468649, 493672, 518695, 543717,
    ]);
    expect(totals.steps).toBe(568740);
    expect(totals.images).toBe(568740 * 1024);
    expect(totals.equivalent_epochs).toBeCloseTo(200, 2);
    expect(totals.speedup).toBeCloseTo(454.58 / 200, 3);
  });
  it('constant is 200 passes and no speed-up', () => {
    const plan = buildPlan(configOf('constant'), 1000, () => 1);
    expect(rounded([plan.totals.passes, plan.totals.speedup])).toEqual([200.06, 1]);
  });
});

describe('stages', () => {
  it('a preset is a file with a citation, whose shares add up to 1', () => {
    expect(
      allPresets()
        .map(({ id }) => id)
        .sort(),
    ).toEqual([
      'adaptive',
      'constant',
      'efficienttrain',
      'efficienttrain++',
      'efficienttrain++-convnext',
      'efficienttrain++-deit',
      'finetune-mae',
      'three-stage',
    ]);
    for (const { citation, stages } of allPresets()) {
      expect(citation).toMatch(/(Wang|He) et al\./);
      expect(stages.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 12);
    }
  });
  it.each([
    [
      'larger than the final size',
      [{ bandwidth: 240, share: 1 }],
      'B = 240 is larger than the final size 224; the nearest valid size is 224',
    ],
    [
      'smaller than the model takes',
      [{ bandwidth: 16, share: 1 }],
      "B = 16 is smaller than the model's 32 pixels; the nearest valid size is 32",
    ],
    [
      'shares',
      [
        { bandwidth: 224, share: 0.5 },
        { bandwidth: 224, share: 0.4 },
      ],
      'The shares add up to 0.9',
    ],
  ])('refuses: %s', (_, stages, why) => {
    const schedule = {
      ...configOf('constant').schedule,
      stages: stages.map((stage) => ({ ...stage, magnitude: 0, magnitude_end: null, batch: null, replay_times: 1 })),
    };
    expect(() => checkStages(schedule, 224, { kind: 'patches', step: 16, min: 32 })).toThrow(
      expect.objectContaining({ code: 'invalid_stage', why: expect.stringContaining(why) }),
    );
  });
  it('every preset fits every size', () => {
    for (const { id } of allPresets())
      for (const size of [32, 64, 128, 160, 224, 384]) checkStages(scheduleOf(presetOf(id), size, vit, 10), size, vit);
  });
  it('a batch that has no equal parts is refused with the nearest that has, the run’s own once', () => {
    const schedule = {
      ...configOf('constant').schedule,
      stages: [null, null, 100, 64].map((batch) => ({
        ...{ bandwidth: 224, magnitude: 0, magnitude_end: null, share: 0.25, batch, replay_times: 1 },
      })),
    };
    const found = stageProblems(schedule, 224, vit, { batch: 20, parts: 8 });
    expect(found.map(({ stage, field, nearest }) => [stage, field, nearest])).toEqual([
      [0, 'batch', 16],
      [2, 'batch', 96],
    ]);
    expect(stageProblems(schedule, 224, vit, { batch: 32, parts: 2 })).toEqual([]);
    expect(() => checkStages(schedule, 224, vit, { batch: 20, parts: 8 })).toThrow(
      expect.objectContaining({ code: 'invalid_stage', next: expect.stringContaining('grad_accum_steps') }),
    );
  });
  it('an invalid stage is refused with the nearest valid size', () => {
    const schedule = {
      ...configOf('constant').schedule,
      stages: [{ bandwidth: 100, magnitude: 0, magnitude_end: null, share: 1, batch: null, replay_times: 1 }],
    };
    expect(() => checkStages(schedule, 224, vit)).toThrow(
      expect.objectContaining({
        code: 'invalid_stage',
        why: expect.stringContaining('nearest valid sizes are 96 and 112'),
      }),
    );
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
    expect(rates[0]).toBe(0);
    expect(
      rates.every((rate, step) => step === 0 || (step <= peak ? rate >= rates[step - 1]! : rate <= rates[step - 1]!)),
    ).toBe(true);
    expect(Math.max(...rates)).toBeCloseTo((4e-3 * 32) / 4096, 6);
    expect(rates.at(-1)).toBeLessThan(2e-6);
  });
  it('warm-up: a share of compute, or passes of the first stage, at most a fifth', () => {
    const warm = (warmup: RunConfig['optimizer']['warmup'], at = plan): number =>
      warmupShare(at, { size: 224, optimizer: { ...config.optimizer, warmup } });
    expect(warm({ unit: 'fraction', value: 0.3 })).toBe(0.3);
    expect(warm({ unit: 'first_stage_passes', value: 20 })).toBeCloseTo(Math.min((20 * (96 / 224) ** 2) / 20, 0.2), 2);
    const long = buildPlan(configOf('efficienttrain++'), 1000, () => 1);
    expect(warm({ unit: 'first_stage_passes', value: 20 }, long)).toBeCloseTo((20 * (96 / 224) ** 2) / 200, 4);
  });
  it('half way between warm-up and end the rate is half way to min_lr; it scales with the batch', () => {
    const even = {
      ...whole,
      schedule: { ...configOf('constant').schedule, equivalent_epochs: 32 },
      data: { ...whole.data, batch: 64 },
      optimizer: { ...whole.optimizer, min_lr: 1e-5, warmup: { unit: 'fraction' as const, value: 0.25 } },
    };
    const laid = buildPlan(even, 640, () => 1);
    expect(laid.totals.steps).toBe(320);
    const peak = (4e-3 * 64) / 4096;
    expect(learningRateAt(laid, even, 80)).toBeCloseTo(peak, 12);
    expect(learningRateAt(laid, even, 40)).toBeCloseTo(peak / 2, 12);
    expect(learningRateAt(laid, even, 200)).toBeCloseTo((peak + 1e-5) / 2, 12);
    expect(laid.stages[0]?.lr_end).toBe(learningRateAt(laid, even, 319));
  });
  it('a run too short for its stages is refused', () => {
    expect(() => buildPlan({ ...config, data: { batch: 4000 } }, 100, () => 1)).toThrow(
      expect.objectContaining({ code: 'invalid_stage', message: expect.stringMatching(/Stage \d+ has no step/) }),
    );
  });
  it('evaluates every so many equivalent epochs', () => {
    const even = buildPlan(
      { ...whole, schedule: { ...configOf('constant').schedule, equivalent_epochs: 10 }, data: { batch: 10 } },
      100,
      () => 1,
    );
    expect(Array.from({ length: 100 }, (_, step) => step).filter((step) => evaluationDue(even, 2.5, step))).toEqual([
      24, 49, 74, 99,
    ]);
    expect(Array.from({ length: 100 }, (_, step) => step).filter((step) => evaluationDue(even, 4, step))).toEqual([
      39, 79, 99,
    ]);
  });
  it('a larger batch follows the square root rule up to its bound', () => {
    const early = {
      ...whole,
      schedule: {
        ...whole.schedule,
        stages: whole.schedule.stages.map((stage, index) => ({ ...stage, batch: index < 2 ? 512 : null })),
      },
    };
    const bounded = { ...early, optimizer: { ...early.optimizer, warmup: { unit: 'fraction' as const, value: 0 } } };
    const large = buildPlan(bounded, 4000, (size) => size);
    expect(learningRateAt(large, bounded, 0)).toBeCloseTo(((4e-3 * 128) / 4096) * 2, 9);
    const capped = { ...bounded, optimizer: { ...bounded.optimizer, max_lr_upper_bound: 1.5e-4 } };
    expect(learningRateAt(large, capped, 0)).toBeCloseTo(1.5e-4, 9);
  });
  it('evaluates at every border and about twenty times', () => {
    const due = Array.from({ length: plan.totals.steps }, (_, step) => step).filter((step) =>
      evaluationDue(plan, null, step),
    );
    expect(due.at(-1)).toBe(plan.totals.steps - 1);
    for (const { first_step, steps } of plan.stages) expect(due).toContain(first_step + steps - 1);
    expect(due.length).toBeGreaterThanOrEqual(20);
    expect(due.length).toBeLessThanOrEqual(31);
  });
});
