/** The effect of replay and early large batch on a schedule: trained and decoded images, batches and learning rates. */
import { describe, expect, it } from 'vitest';
import { earlyLargeBatches } from '../../src/shared/curriculum/early-large-batch';
import {
  buildPlan,
  learningRateAt,
  withLaterPlanFields,
  type Plan,
  type StoredPlan,
} from '../../src/shared/curriculum/plan';
import { presetOf } from '../../src/shared/curriculum/presets';
import { withPublishedReplay } from '../../src/shared/curriculum/published-replay';
import { bufferMbOf, imagesHeld } from '../../src/shared/curriculum/replay';
import type { SizeRule } from '../../src/shared/curriculum/size-rule';
import { scheduleOf, stageProblems } from '../../src/shared/curriculum/stages';
import { runConfigSchema, type RunConfig, type StageConfig } from '../../src/shared/run-config';

const RULE: SizeRule = { kind: 'strides', step: 32, min: 32 };
const IMAGENET = 1_281_167;

function configOf(preset: string, batch: number, change: (stages: StageConfig[]) => StageConfig[]): RunConfig {
  const schedule = scheduleOf(presetOf(preset), 224, RULE, 200);
  return runConfigSchema.parse({
    ...{ dataset: 'd', model: 'm', size: 224, data: { batch } },
    schedule: { ...schedule, stages: change(schedule.stages) },
  });
}
const planOf = (config: RunConfig): Plan => buildPlan(config, IMAGENET, (side) => side * side);
const times = (stages: readonly StageConfig[]): number[] => stages.map(({ replay_times }) => replay_times);

describe('published replay', () => {
  it.each([
    ['deit_small_patch16_224', 'efficienttrain++-deit', [4, 4, 2, 2, 2, 2, 1, 1, 1, 1]],
    ['resnet50', 'efficienttrain++', [4, 4, 2, 2, 2, 2, 1, 1, 1, 1]],
    ['swin_tiny_patch4_window7_224', 'efficienttrain++', [2, 2, 1, 1, 1, 1, 1, 1, 1, 1]],
    ['resnet50', 'constant', [1]],
    ['resnet50', 'efficienttrain', [2, 2, 2, 1, 1]],
  ])('of %s under %s', (model, preset, expected) => {
    const { stages } = scheduleOf(presetOf(preset), 224, RULE, 200);
    const found = times(withPublishedReplay(stages, 224, model));
    expect(found).toEqual(expected);
  });
  it('goes by the bandwidth relative to the final size', () => {
    const { stages } = scheduleOf(presetOf('efficienttrain++'), 32, { kind: 'strides', step: 8, min: 16 }, 10);
    expect(stages.map(({ bandwidth }) => bandwidth)).toEqual([16, 16, 24, 24, 24, 24, 32, 32, 32, 32]);
    expect(times(withPublishedReplay(stages, 32, 'resnet_micro'))).toEqual([4, 4, 2, 2, 2, 2, 1, 1, 1, 1]);
  });
  it('is refused where there is none', () => {
    const { stages } = scheduleOf(presetOf('constant'), 224, RULE, 10);
    expect(() => withPublishedReplay(stages, 224, 'convnext_tiny')).toThrow(
      expect.objectContaining({ code: 'usage', next: expect.stringContaining('replay_times=2') as string }),
    );
  });
});

describe('a plan with replay', () => {
  const plain = configOf('efficienttrain++', 4096, (stages) => stages);
  const replaying = configOf('efficienttrain++', 4096, (stages) => withPublishedReplay(stages, 224, 'resnet50'));

  it('trains as long and as many images, and decodes fewer', () => {
    const [without, replayed] = [planOf(plain), planOf(replaying)];
    for (const [index, stage] of replayed.stages.entries()) {
      const { replay_times, images_decoded, ...rest } = stage;
      const { replay_times: once, images_decoded: all, ...same } = without.stages[index] as Plan['stages'][number];
      expect(rest).toEqual(same);
      expect([once, all]).toEqual([1, stage.images]);
      expect(images_decoded).toBe(stage.images / replay_times);
    }
    expect(replayed.totals).toEqual({ ...without.totals, images_decoded: replayed.totals.images_decoded });
    // The scripts' "272" of 200 epochs is floor(200 * (224 / 96) ^ 2 / 4). A tenth of it is run with replay 4.
    const first = replayed.stages[0] as Plan['stages'][number];
    expect(Math.floor((10 * first.images_decoded) / IMAGENET)).toBe(272);
  });

  it('refuses a batch that has no 32 equal fresh parts, with the nearest that has', () => {
    const batches = [4096, 100, 32, 192];
    const found = batches.map((batch) => stageProblems(replaying.schedule, 224, RULE, { batch, parts: 1 }));
    expect(found.map((list) => list.map(({ stage, code, nearest }) => [stage, code, nearest]))).toEqual([
      [],
      [
        [0, 'not_replayed', 128],
        [2, 'not_replayed', 128],
      ],
      [
        [0, 'not_replayed', 128],
        [2, 'not_replayed', 64],
      ],
      [[0, 'not_replayed', 256]],
    ]);
    expect(found[1]?.[0]?.message).toBe(
      'Stage 1: a batch of 100 with replay_times 4 has no 32 equal parts of fresh images; the nearest that has is 128.',
    );
    // The step is also split into parts, so the batch has to be a multiple of both.
    const [both] = stageProblems(replaying.schedule, 224, RULE, { batch: 128, parts: 3 });
    expect(both).toMatchObject({ code: 'not_split', nearest: 384 });
  });

  it('bounds the buffer in bytes of uint8 images at the final size', () => {
    expect(imagesHeld(1024, 224)).toBe(Math.floor(2 ** 30 / 150_528));
    expect(bufferMbOf(imagesHeld(1024, 224), 224)).toBeLessThanOrEqual(1024);
  });

  it('of an earlier version replays nothing', () => {
    const { stages, totals, samples } = planOf(plain);
    const stored = {
      samples,
      stages: stages.map(({ replay_times: _, images_decoded: __, ...stage }) => stage),
      totals: Object.fromEntries(Object.entries(totals).filter(([name]) => name !== 'images_decoded')),
    } as unknown as StoredPlan;
    expect(withLaterPlanFields(stored)).toEqual({ adaptive: null, stages, totals, samples });
  });
});

describe('early large batch', () => {
  const SIDES = [96, 160, 224].map((bandwidth) => ({ bandwidth, replay_times: 1 }));

  it('takes what fits, up to the compute of a step at the final size', () => {
    const rule = { batch: 4096, parts: 1 };
    // 4096 * (224 / B) ^ 2 is 22300 at 96 px and 8028 at 160 px.
    expect(earlyLargeBatches(SIDES, 224, rule, () => Infinity)).toEqual([22296, 8024, 4096]);
    expect(earlyLargeBatches(SIDES, 224, rule, (side) => (side === 96 ? 10_001 : 5))).toEqual([10_000, 4096, 4096]);
  });

  it('keeps whole parts of fresh images and whole pairs', () => {
    const stages = SIDES.map((stage, at) => ({ ...stage, replay_times: [4, 2, 1][at] as number }));
    const batches = earlyLargeBatches(stages, 224, { batch: 384, parts: 3 }, () => Infinity);
    expect(batches).toEqual([1920, 576, 384]);
    expect(batches.every((batch, at) => batch % (32 * (stages[at]?.replay_times as number)) === 0 || at === 2)).toBe(
      true,
    );
    expect(batches.every((batch) => batch % 6 === 0)).toBe(true);
  });

  /**
   * The published base: a learning rate of 4e-3 at 224 px and a batch of 4096, and
   * max_lr_B = min(max_lr_224 * sqrt(batch_B / batch_224), max_lr_upper_bound).
   */
  it.each([
    [8192, null, 4e-3 * Math.SQRT2],
    [16384, null, 8e-3],
    [16384, 6e-3, 6e-3],
    [4096, 6e-3, 4e-3],
  ])('a batch of %i with the bound %s has the peak %f', (batch, bound, peak) => {
    const plain = configOf('efficienttrain++', 4096, (stages) =>
      stages.map((stage, at) => (at < 2 ? { ...stage, batch } : stage)),
    );
    const config: RunConfig = {
      ...plain,
      optimizer: { ...plain.optimizer, max_lr_upper_bound: bound, min_lr: 0, warmup: { unit: 'fraction', value: 0 } },
    };
    const plan = planOf(config);
    expect(learningRateAt(plan, config, 0)).toBeCloseTo(peak, 12);
    // After the border the peak is the run's own again, at the same place of the cosine.
    const border = plan.stages[2]?.first_step as number;
    expect(learningRateAt(plan, config, border) / (0.5 * (1 + Math.cos(0.2 * Math.PI)))).toBeCloseTo(4e-3, 5);
    // The run has the same number of images and the same compute, in fewer steps.
    expect(plan.stages[0]?.steps).toBe(Math.round((plan.stages[0]!.passes * IMAGENET) / batch));
  });
});
