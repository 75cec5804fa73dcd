/** The sizes that each kind of rule accepts, refuses and proposes instead. */
import { describe, expect, it } from 'vitest';
import {
  checkSize,
  nearestSizes,
  nearestValid,
  refusalOf,
  sizeRuleSchema,
  sizeRuleText,
  validSizes,
  type SizeRule,
} from '../../src/shared/curriculum/size-rule';
import { presetOf } from '../../src/shared/curriculum/presets';
import { checkStages, scheduleOf, stageProblems } from '../../src/shared/curriculum/stages';
import { withoutSmallerSizes } from '../../src/shared/curriculum/without-smaller-sizes';
import { modelEntries } from '../../src/main/engine/models';

const HUGE: SizeRule = { kind: 'patches', step: 14, min: 14 };
const SWIN: SizeRule = { kind: 'windows', step: 32, min: 64 };
const CONVNEXT: SizeRule = { kind: 'any', step: 32, min: 32 };
const FOURS: SizeRule = { kind: 'patches', step: 4, min: 8 };

const bandwidths = (preset: string, size: number, rule: SizeRule): number[] =>
  scheduleOf(presetOf(preset), size, rule, 200).stages.map(({ bandwidth }) => bandwidth);

describe('a size', () => {
  it.each([
    [HUGE, 98, null],
    [HUGE, 96, 'Its sizes are multiples of 14 px, because images are cut into patches of 14 px.'],
    [FOURS, 4, 'The smallest size that it takes is 8 px.'],
    [SWIN, 32, 'The smallest size that it takes is 64 px.'],
    [
      SWIN,
      100,
      "Its sizes are multiples of 32 px from 64 px, because windows follow the size of each stage's map, and the last map has one pixel for every 32 px.",
    ],
    [CONVNEXT, 97, null],
    [CONVNEXT, 31, 'The smallest size that it takes is 32 px.'],
    [CONVNEXT, 97.5, 'A size is a whole number of pixels.'],
  ])('%j at %d px', (rule, size, why) => expect(refusalOf(rule, size)?.why ?? null).toBe(why));

  it.each([
    [HUGE, 96, Infinity, [98, 84]],
    [HUGE, 105, Infinity, [112, 98]],
    [HUGE, 223, 224, [224, 210]],
    [HUGE, 3, Infinity, [14]],
    [SWIN, 33, Infinity, [64]],
    [SWIN, 300, 224, [224]],
    [CONVNEXT, 7, Infinity, [32]],
    [CONVNEXT, 97, Infinity, [97]],
    [CONVNEXT, 300, 250, [250]],
  ])('%j: the nearest to %d px, at most %d px', (rule, size, largest, sizes) =>
    expect(nearestSizes(rule, size, largest)).toEqual(sizes),
  );

  it('is refused with what to choose instead', () =>
    expect(() => checkSize('vit_huge', HUGE, 100)).toThrow(
      expect.objectContaining({
        code: 'invalid_config',
        message: "vit_huge can't take images of 100 px.",
        next: 'Choose a size of 98 or 112 px.',
        action: { id: 'use_size', values: { size: 98 } },
      }),
    ));
});

describe('what presets and ticks keep to', () => {
  it('rounds half up to the step, at least the smallest, at most the final size', () => {
    const sixteen: SizeRule = { kind: 'patches', step: 16, min: 16 };
    expect(nearestValid(24, 64, sixteen)).toBe(32);
    expect(nearestValid(3, 64, sixteen)).toBe(16);
    expect(nearestValid(70, 64, sixteen)).toBe(64);
    expect(nearestValid(48, 224, SWIN)).toBe(64);
    expect(nearestValid(48, 32, SWIN)).toBe(64);
  });

  it('has the final size as well where every size is taken', () => {
    expect(validSizes(100, CONVNEXT)).toEqual([32, 64, 96, 100]);
    expect(validSizes(64, { kind: 'patches', step: 16, min: 20 })).toEqual([32, 48, 64]);
    expect(validSizes(8, HUGE)).toEqual([]);
    expect([nearestValid(99, 100, CONVNEXT), nearestValid(60, 100, CONVNEXT)]).toEqual([100, 64]);
    expect(nearestValid(40, 40, { kind: 'any', step: 32, min: 20 })).toBe(40);
  });

  it('presets at 224 px: published sizes, and the nearest in fourteens', () => {
    expect([...new Set(bandwidths('efficienttrain++', 224, SWIN))]).toEqual([96, 160, 224]);
    expect([...new Set(bandwidths('efficienttrain++-convnext', 224, CONVNEXT))]).toEqual([160, 224]);
    expect([...new Set(bandwidths('efficienttrain++', 224, HUGE))]).toEqual([98, 154, 224]);
  });

  it('presets at any final size are taken by every model', () => {
    for (const { id, sizes, preset } of modelEntries())
      for (const size of validSizes(384, sizes)) {
        const schedule = scheduleOf(presetOf(preset), size, sizes, 10);
        expect(() => checkStages(schedule, size, sizes), `${id} at ${size} px`).not.toThrow();
      }
  });
});

it('a stage is refused by name, with the nearest sizes on both sides', () => {
  const stages = [100, 14, 224, 240].map((bandwidth) => ({
    ...{ bandwidth, magnitude: 0, magnitude_end: null, share: 0.25, batch: null, replay_times: 1 },
  }));
  const problems = stageProblems({ ...scheduleOf(presetOf('constant'), 224, HUGE, 1), stages }, 224, {
    ...HUGE,
    min: 28,
  });
  expect(problems.map(({ stage, code, nearest, sizes }) => [stage, code, nearest, sizes])).toEqual([
    [0, 'patches', 98, [98, 112]],
    [1, 'smaller', 28, [28]],
    [3, 'larger', 224, [224]],
  ]);
  expect(problems[0]?.message).toBe(
    "Stage 1: B = 100 is not a multiple of the model's 14 pixels (images are cut into patches of 14 px); the nearest valid sizes are 98 and 112.",
  );
});

it('a final size is refused with both neighbours', () =>
  expect(() => checkStages(scheduleOf(presetOf('constant'), 100, HUGE, 1), 100, HUGE)).toThrow(
    expect.objectContaining({ code: 'invalid_stage', next: 'Use --size 98 or 112.', why: sizeRuleText(HUGE) }),
  ));

it('is plain data', () => expect(sizeRuleSchema.parse(JSON.parse(JSON.stringify(SWIN)))).toEqual(SWIN));

it('a preset of which a model leaves only the final size is told apart from one that saves compute', () => {
  const smallest = (preset: string, size: number, rule: SizeRule): number | null =>
    withoutSmallerSizes(scheduleOf(presetOf(preset), size, rule, 200), size, rule);
  expect(smallest('efficienttrain++', 64, SWIN)).toBe(64);
  expect(smallest('efficienttrain++', 96, SWIN)).toBeNull();
  expect(smallest('constant', 64, SWIN)).toBeNull();
  expect(withoutSmallerSizes({ ...scheduleOf(presetOf('constant'), 64, SWIN, 1), preset: 'custom' }, 64, SWIN)).toBe(
    null,
  );
});
