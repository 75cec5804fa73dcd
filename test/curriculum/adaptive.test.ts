import { describe, expect, it } from 'vitest';
import { modelEntry } from '../../src/main/engine/models';
import { AdaptiveBorders } from '../../src/main/engine/train/adaptive-borders';
import {
  adaptivePlan,
  adaptiveStart,
  paysTooLittle,
  windowGains,
  windowSteps,
} from '../../src/shared/curriculum/adaptive';
import { sharesLaidOut } from '../../src/shared/curriculum/adaptive-bounds';
import { buildPlan } from '../../src/shared/curriculum/plan';
import { cost, stageProblems } from '../../src/shared/curriculum/stages';
import type { RunConfig } from '../../src/shared/run-config';
import { resolveConfig } from '../../src/shared/run-config-resolve';
import { rngOf } from '../../src/shared/random';

const model = modelEntry('resnet_micro');
const resolved = (set: string[] = [], preset = 'adaptive'): RunConfig =>
  resolveConfig({
    ...{ dataset: 'd', model, preset, set },
    flags: { size: 32, 'schedule.equivalent_epochs': 10, 'data.batch': 16 },
  }).config;

function partsOf(config: RunConfig, samples: number) {
  const { adaptive } = config.schedule;
  if (!adaptive) throw new Error('the preset is not adaptive');
  return { config: { ...config, schedule: { ...config.schedule, adaptive } }, samples, macs: () => 1 };
}

/** Number of images. At 16 and 24 px of 32, steps cost 1/4 and 9/16 of one at the final size. */
const SAMPLES = 640;

function bordersOf(config: RunConfig, samples = SAMPLES): AdaptiveBorders {
  const parts = partsOf(config, samples);
  return new AdaptiveBorders(parts, (decided) => adaptivePlan(parts, decided), adaptiveStart());
}

/** Simulates a run with the loss `lossAt` at a step. It returns the decisions, and the plan at the run's end. */
function through(borders: AdaptiveBorders, lossAt: (step: number, stage: number) => number) {
  const decisions = [];
  for (let step = 1; step <= borders.plan.totals.steps; step++) {
    const decision = borders.after(step, lossAt(step, decisions.length));
    if (decision) decisions.push(decision);
  }
  return { decisions, plan: borders.plan };
}

describe('the rule', () => {
  // Computed by hand: 4.0 3.0 2.4 2.1 1.95 falls by 1, 0.6, 0.3, 0.15; the means so far are 1, 0.8, 0.633.., 0.5125.
  const windows = [4, 3, 2.4, 2.1, 1.95];

  it("holds a window's gain against the stage's mean so far", () => {
    const gains = windowGains(windows);
    expect(gains.map(({ gain }) => gain)).toEqual([1, 0.6, 0.3, 0.15].map((gain) => expect.closeTo(gain, 12)));
    expect(gains.map(({ mean }) => mean)).toEqual([1, 0.8, 1.9 / 3, 2.05 / 4].map((mean) => expect.closeTo(mean, 12)));
  });

  it('ends a stage after so many windows in a row below the threshold', () => {
    // 0.3 < 0.5 * 0.633 and 0.15 < 0.5 * 0.5125, but 0.6 > 0.5 * 0.8.
    const [threshold, patience] = [0.5, 2];
    expect([1, 2, 3, 4, 5].map((count) => paysTooLittle(windows.slice(0, count), { threshold, patience }))).toEqual([
      ...[false, false, false, false, true],
    ]);
    expect(paysTooLittle(windows.slice(0, 4), { threshold, patience: 1 })).toBe(true);
    expect(paysTooLittle(windows, { threshold, patience: 3 })).toBe(false);
    expect(paysTooLittle(windows, { threshold: 0.2, patience: 1 })).toBe(false);
  });

  it('ends a stage whose loss does not fall at all', () => {
    expect(paysTooLittle([2, 2.1, 2.05], { threshold: 0.5, patience: 2 })).toBe(true);
  });
});

describe('an adaptive run', () => {
  it('looks at windows of equal compute, whatever the size', () => {
    const parts = partsOf(resolved(), SAMPLES);
    // 0.025 of 10 epochs are 160 images at the final size, ten steps of 16.
    expect([0, 1, 2].map((at) => windowSteps(parts, at))).toEqual([40, 18, 10]);
  });

  it('moves on as worked out by hand', () => {
    const borders = bordersOf(resolved());
    const loss = [4, 3, 2.4, 2.1, 1.95];
    // Stage 1 has at least 4 windows (half of 20 %). The fifth is the second in a row with too small a gain.
    const { decisions } = through(borders, (step, stage) =>
      stage === 0 ? (loss[Math.ceil(step / 40) - 1] ?? 0) : -step,
    );
    expect(decisions[0]).toMatchObject({
      stage: 0,
      step: 200,
      share: expect.closeTo(5 / 40, 3),
      reason: 'pays_too_little',
    });
    expect(decisions[0]?.gains).toEqual([expect.closeTo(0.3, 9), expect.closeTo(0.15, 9)]);
    // A loss that falls evenly keeps the stage until its upper bound, 1.5 times its share.
    expect(decisions[1]).toMatchObject({ stage: 1, reason: 'longest', share: expect.closeTo(0.6, 2) });
    expect(decisions).toHaveLength(2);
  });

  it.each(['falling', 'flat', 'noise'])('spends its budget to within one step, and keeps its bounds: %s', (kind) => {
    for (const [samples, batch, epochs] of [
      [640, 16, 10],
      [997, 24, 7.3],
      [5000, 64, 3],
    ] as const) {
      const config = resolved([`data.batch=${batch}`, `schedule.equivalent_epochs=${epochs}`]);
      const rng = rngOf(batch);
      const lossOf = { falling: (step: number) => -step, flat: () => 1, noise: () => rng.uniform() }[kind];
      const { decisions, plan } = through(bordersOf(config, samples), lossOf as (step: number) => number);
      expect(decisions).toHaveLength(2);
      const spent = plan.stages.reduce((sum, stage) => sum + stage.steps * batch * cost(stage.bandwidth, 32), 0);
      expect(Math.abs(spent - epochs * samples)).toBeLessThanOrEqual(batch);
      const step = batch / (epochs * samples);
      for (const [at, { share }] of plan.stages.entries()) {
        const usual = config.schedule.stages[at]?.share ?? 0;
        expect(share).toBeGreaterThan(0.5 * usual - step);
        if (at < 2) expect(share).toBeLessThan(1.5 * usual + step);
      }
      expect(plan.adaptive?.decided).toBe(2);
      if (kind === 'flat') expect(decisions.every(({ reason }) => reason === 'pays_too_little')).toBe(true);
    }
  });

  it('continues from its state with the same decisions', () => {
    const rng = rngOf(3);
    const losses = Array.from({ length: 2000 }, (_, step) => 3 / (1 + step / 100) + 0.1 * rng.uniform());
    const whole = through(bordersOf(resolved()), (step) => losses[step] as number);
    const parts = partsOf(resolved(), SAMPLES);
    for (const stop of [17, 40, whole.decisions[0]?.step ?? 0, (whole.decisions[0]?.step ?? 0) + 5]) {
      const first = bordersOf(resolved());
      for (let step = 1; step <= stop; step++) first.after(step, losses[step] as number);
      const state = JSON.parse(JSON.stringify(first.state)) as typeof first.state;
      const second = new AdaptiveBorders(parts, (decided) => adaptivePlan(parts, decided), state);
      const decisions = whole.decisions.filter(({ step }) => step <= stop);
      for (let step = stop + 1; step <= second.plan.totals.steps; step++) {
        const decision = second.after(step, losses[step] as number);
        if (decision) decisions.push(decision);
      }
      expect(decisions).toEqual(whole.decisions);
      expect(second.plan).toEqual(whole.plan);
    }
  });
});

describe('its plan', () => {
  it('lays the present stage out to its latest border, and the others in proportion behind it', () => {
    const factors = { min: 0.5, max: 1.5 };
    const close = (shares: number[]) => shares.map((share) => expect.closeTo(share, 12) as number);
    expect(sharesLaidOut([0.2, 0.4, 0.4], [], factors)).toEqual(close([0.3, 0.35, 0.35]));
    expect(sharesLaidOut([0.2, 0.4, 0.4], [0.1], factors)).toEqual(close([0.1, 0.6, 0.3]));
    // The last stage keeps its minimum.
    expect(sharesLaidOut([0.5, 0.3, 0.2], [0.5], { min: 0.9, max: 2 })).toEqual(close([0.5, 0.32, 0.18]));
  });

  it('says before the run starts where borders can lie, and what that does to steps', () => {
    const plan = buildPlan(resolved(), SAMPLES, () => 1);
    expect(plan.adaptive?.decided).toBe(0);
    const rounded = plan.adaptive?.stages.map((stage) => Object.values(stage).map((value) => Number(value.toFixed(3))));
    expect(rounded).toEqual([
      [0.1, 0.3, 0.1, 0.3],
      [0.2, 0.6, 0.3, 0.8],
      [0.2, 0.7, 1, 1],
    ]);
    const { steps } = plan.adaptive ?? { steps: [0, 0] };
    expect(steps[0]).toBeLessThan(plan.totals.steps);
    expect(steps[1]).toBeGreaterThan(plan.totals.steps);
    expect(buildPlan(resolved([], 'constant'), SAMPLES, () => 1).adaptive).toBeNull();
  });
});

describe('its configuration', () => {
  it('comes with its preset and goes with another', () => {
    expect(resolved().schedule.adaptive).toEqual({ window: 0.025, threshold: 0.5, patience: 2, min: 0.5, max: 1.5 });
    const set = resolved(['schedule.adaptive.threshold=0.3']);
    expect(set.schedule).toMatchObject({ preset: 'adaptive', adaptive: { threshold: 0.3, patience: 2 } });
    const file = { schedule: resolved().schedule };
    const other = resolveConfig({ dataset: 'd', model, preset: 'constant', file, flags: {} }).config;
    expect(other.schedule.adaptive).toBeNull();
    const edited = resolved(['schedule.stages.0.bandwidth=16']);
    expect([edited.schedule.preset, edited.schedule.adaptive?.patience]).toEqual(['custom', 2]);
  });

  it('is refused where B shrinks, or where the end of a stage would have to be known', () => {
    const { schedule } = resolved(['schedule.stages.2.bandwidth=16', 'schedule.stages.0.magnitude_end=3']);
    const found = stageProblems(schedule, 32, model.sizes).map(({ stage, code, nearest }) => [stage, code, nearest]);
    expect(found).toEqual([
      [0, 'open_end', null],
      [2, 'shrinks', 24],
    ]);
    expect(() => resolved(['optimizer.lr_progress=images'])).toThrow("can't have optimizer.lr_progress=images");
    expect(resolved(['optimizer.lr_progress=images', 'optimizer.lr_horizon=20']).optimizer.lr_horizon).toBe(20);
  });
});
