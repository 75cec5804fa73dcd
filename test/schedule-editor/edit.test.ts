import { describe, expect, it } from 'vitest';
import { passesOf } from '../../src/shared/curriculum/passes';
import { presetOf } from '../../src/shared/curriculum/presets';
import { scheduleOf } from '../../src/shared/curriculum/stages';
import type { StageConfig } from '../../src/shared/run-config';
import {
  addAfter,
  mergeLeft,
  moveBorder,
  remove,
  setBandwidth,
  setBatch,
  setMagnitude,
  setShare,
  split,
  stepBandwidth,
  typeBandwidth,
} from '../../src/shared/schedule-editor/edit';
import { asCompute, bordersOf } from '../../src/shared/schedule-editor/shares';
import { rngOf } from '../../src/shared/random';

const RULE = { kind: 'patches', step: 16, min: 16 } as const;
const SIZE = 224;

const stage = (bandwidth: number, share: number, magnitude = 0): StageConfig => ({
  ...{ bandwidth, share, magnitude },
  magnitude_end: null,
  batch: null,
  replay_times: 1,
});

const three = [stage(96, 0.5, 1), stage(160, 0.3, 5), stage(224, 0.2, 9)];
const shares = (stages: readonly StageConfig[]): number[] => stages.map(({ share }) => share);
const total = (stages: readonly StageConfig[]): number => shares(stages).reduce((sum, share) => sum + share, 0);

describe('borders', () => {
  it('snap to whole percents and leave all other stages alone', () => {
    const moved = moveBorder(three, 0, 0.4234, false);
    expect(shares(moved)).toEqual([0.42, 0.38, 0.2]);
    expect(total(moved)).toBeCloseTo(1, 9);
  });

  it('move by tenths of a percent where they are freed', () => {
    expect(shares(moveBorder(three, 0, 0.4234, true))).toEqual([0.423, 0.377, 0.2]);
  });

  it('push no stage away', () => {
    expect(shares(moveBorder(three, 1, 2, false))).toEqual([0.5, 0.49, 0.01]);
    expect(shares(moveBorder(three, 1, -1, false))).toEqual([0.5, 0.01, 0.49]);
  });

  it('a stage thinner than the snap can still be dragged beside', () => {
    const thin = [stage(96, 0.995), stage(224, 0.005)];
    expect(shares(moveBorder(thin, 0, 1, false))).toEqual([0.995, 0.005]);
  });

  it('the last one is not a border', () => expect(moveBorder(three, 2, 0.1, false)).toEqual(three));
});

describe('heights', () => {
  it('go to the nearest side that the model takes', () => {
    expect(setBandwidth(three, 0, 101, SIZE, RULE)[0]?.bandwidth).toBe(96);
    expect(setBandwidth(three, 0, 900, SIZE, RULE)[0]?.bandwidth).toBe(224);
    expect(setBandwidth(three, 0, 1, SIZE, RULE)[0]?.bandwidth).toBe(16);
  });

  it('step through valid sides and stop at the ends', () => {
    expect(stepBandwidth(three, 0, 1, SIZE, RULE)[0]?.bandwidth).toBe(112);
    expect(stepBandwidth(three, 0, -1, SIZE, RULE)[0]?.bandwidth).toBe(80);
    expect(stepBandwidth(three, 2, 1, SIZE, RULE)).toEqual(three);
    expect(stepBandwidth([stage(100, 1)], 0, 1, SIZE, RULE)[0]?.bandwidth).toBe(112);
  });

  it('typed ones stay as typed, to be flagged', () => expect(typeBandwidth(three, 0, 101)[0]?.bandwidth).toBe(101));
});

describe('stages', () => {
  it('split in two halves, a rising magnitude rises on', () => {
    const rising = [{ ...stage(96, 0.6, 2), magnitude_end: 6 }, stage(224, 0.4)];
    const [first, second] = split(rising, 0);
    expect([first?.share, second?.share]).toEqual([0.3, 0.3]);
    expect([first?.magnitude, first?.magnitude_end, second?.magnitude, second?.magnitude_end]).toEqual([2, 4, 4, 6]);
  });

  it('are not split thinner than a border can move', () => {
    const thin = [stage(96, 0.999), stage(224, 0.001)];
    expect(split(thin, 1)).toEqual(thin);
  });

  it('merge into the left one, the first into the right one', () => {
    expect(shares(mergeLeft(three, 1))).toEqual([0.8, 0.2]);
    expect(mergeLeft(three, 1)[0]?.bandwidth).toBe(96);
    expect(mergeLeft(three, 0).map(({ bandwidth, share }) => [bandwidth, share])).toEqual([
      [160, 0.8],
      [224, 0.2],
    ]);
  });

  it('the last one can neither be merged nor removed', () => {
    const one = [stage(224, 1)];
    expect(mergeLeft(one, 0)).toEqual(one);
    expect(remove(one, 0)).toEqual(one);
  });

  it('removed ones leave their share to all others', () => {
    expect(shares(remove(three, 0))).toEqual([0.6, 0.4]);
  });

  it('a new one lies half way to the next', () => {
    const [own, made] = addAfter(three, 0, SIZE, RULE);
    expect(own?.share).toBe(0.25);
    expect(made).toMatchObject({ bandwidth: 128, magnitude: 3, share: 0.25 });
  });

  it('a typed share leaves the others their proportions', () => {
    const [a, b, c] = shares(setShare(three, 2, 0.5));
    expect(c).toBe(0.5);
    expect((a as number) / (b as number)).toBeCloseTo(5 / 3, 6);
    expect(shares(setShare(three, 0, 7))[0]).toBeCloseTo(0.998, 6);
  });

  it('magnitude and batch stay within their ranges', () => {
    expect(setMagnitude(three, 0, -3, 99)[0]).toMatchObject({ magnitude: 0, magnitude_end: 10 });
    expect(setMagnitude(three, 0, 4.567, null)[0]).toMatchObject({ magnitude: 4.57, magnitude_end: null });
    expect(setBatch(three, 0, 0.3)[0]?.batch).toBe(1);
    expect(setBatch(three, 0, null)[0]?.batch).toBeNull();
  });
});

describe('shares', () => {
  it('of epochs become shares of compute with the same passes', () => {
    const schedule = scheduleOf(presetOf('efficienttrain'), SIZE, RULE, 200);
    const compute = {
      ...schedule,
      share_of: 'compute' as const,
      stages: asCompute(schedule.stages, schedule.share_of, SIZE),
    };
    passesOf(compute, SIZE).forEach((passes, index) =>
      expect(passes).toBeCloseTo(passesOf(schedule, SIZE)[index] as number, 5),
    );
    expect(total(compute.stages)).toBeCloseTo(1, 12);
  });

  it('borders begin at 0 and end at 1', () => expect(bordersOf(three)).toEqual([0, 0.5, 0.8, 1]));

  it('add up to one and stay above zero after any thousand edits', () => {
    const rng = rngOf(7);
    let stages: StageConfig[] = [...three];
    for (let edit = 0; edit < 1000; edit++) {
      const at = rng.below(stages.length);
      const edits = [
        () => moveBorder(stages, at, rng.uniform() * 1.4 - 0.2, rng.uniform() < 0.5),
        () => setBandwidth(stages, at, rng.uniform() * 300, SIZE, RULE),
        () => split(stages, at),
        () => addAfter(stages, at, SIZE, RULE),
        () => mergeLeft(stages, at),
        () => remove(stages, at),
        () => setShare(stages, at, rng.uniform()),
      ];
      stages = (edits[rng.below(edits.length)] as () => StageConfig[])();
      expect(stages.length).toBeGreaterThan(0);
      expect(Math.abs(total(stages) - 1)).toBeLessThan(1e-6);
      expect(Math.min(...shares(stages))).toBeGreaterThan(0);
    }
  });
});
