import { describe, expect, it } from 'vitest';
import { task } from '../../../src/main/engine/tasks/classify';
import type { MeasuredSplit } from '../../../src/main/engine/tasks/evaluation';
import { bestAfter, validationEvents, validationValues, worth } from '../../../src/main/engine/train/validation';

interface Changes {
  top1?: number;
  top5?: number | null;
  loss?: number;
  count?: number;
  nonFinite?: number;
}

const result = ({ top1 = 0.5, top5 = null, loss = 1, count = 10, nonFinite = 0 }: Changes = {}): MeasuredSplit => ({
  ...{ count, nonFinite, figures: { loss, top1, top5 }, details: [] },
});
const METRICS = [
  { id: 'loss', atStage: true },
  { id: 'top1', atStage: true },
  { id: 'top5', atStage: false },
];
const nothingRead = result({ top1: NaN, loss: NaN, count: 0 });

describe('the best evaluation', () => {
  const best = { metric: 'val/top1', value: 0.4, step: 3 };

  it('is the first one, then whichever is better; of equal ones the earlier', () => {
    expect(bestAfter(null, result({ top1: 0 }), 10, 1, task.best)).toEqual({ metric: 'val/top1', value: 0, step: 1 });
    expect(bestAfter(best, result(), 10, 9, task.best)).toEqual({ metric: 'val/top1', value: 0.5, step: 9 });
    expect(bestAfter(best, result({ top1: 0.4 }), 10, 9, task.best)).toBe(best);
  });

  it.each([
    ['whose loss is NaN', result({ top1: 1, loss: NaN })],
    ['whose loss is infinite', result({ top1: 1, loss: Infinity })],
    ['that could read no image', nothingRead],
    ['without a figure', result({ top1: NaN })],
  ])('is never one %s', (_, made) => {
    expect(worth(made, 10, task.best)).toBeNull();
    expect(bestAfter(null, made, 10, 9, task.best)).toBeNull();
    expect(bestAfter(best, made, 10, 9, task.best)).toBe(best);
  });

  it('is not one of a few easy images: those that could not be read count as wrong', () => {
    expect(bestAfter(best, result({ top1: 1, count: 3 }), 10, 9, task.best)).toBe(best);
    expect(bestAfter(best, result({ top1: 0.8, count: 9 }), 10, 9, task.best)?.value).toBeCloseTo(0.72);
  });
});

describe('where less is better', () => {
  const loss = { metric: 'val/loss', better: 'lower' } as const;
  const best = { metric: 'val/loss', value: 1.5, step: 3 };

  it('the best is the lowest, and images that could not be read count against it', () => {
    expect(bestAfter(best, result({ loss: 1 }), 10, 9, loss)).toEqual({ metric: 'val/loss', value: 1, step: 9 });
    expect(bestAfter(best, result({ loss: 1.5 }), 10, 9, loss)).toBe(best);
    expect(bestAfter(best, result({ loss: 1, count: 5 }), 10, 9, loss)).toBe(best);
    expect(bestAfter(best, result({ loss: 0.5, count: 5 }), 10, 9, loss)?.value).toBe(1);
  });
});

describe('what an evaluation records', () => {
  it('names its images; stage and average beside', () => {
    const made = { raw: result({ top5: 0.9 }), ema: result({ top1: 0.6 }), stage: result({ top1: 0.7, top5: 1 }) };
    expect(validationValues(made, METRICS)).toEqual({
      ...{ 'val/images': 10, 'val/loss': 1, 'val/top1': 0.5, 'val/top5': 0.9 },
      ...{ 'val/loss_ema': 1, 'val/top1_ema': 0.6, 'val/loss_stage': 1, 'val/top1_stage': 0.7 },
    });
  });

  it('is no figure where no image could be read', () => {
    expect(validationValues({ raw: nothingRead, ema: nothingRead, stage: null }, METRICS)).toEqual({ 'val/images': 0 });
  });

  it('says how many images are missing, and names the first ones once', () => {
    const problems = Array.from({ length: 30 }, (_, index) => ({ path: `${index % 15}.jpg`, reason: 'gone' }));
    const events = validationEvents({ raw: result(), ema: null, stage: null, problems }, 25);
    expect(events.map(([kind]) => kind)).toEqual([...Array<string>(10).fill('unreadable'), 'evaluation_incomplete']);
    expect(events[0]).toEqual(['unreadable', '0.jpg could not be read: gone']);
    expect(events.at(-1)?.[1]).toContain('measured 10 of 25 images');
  });

  it('says which weights give scores that are not finite', () => {
    const raw = result({ nonFinite: 4 });
    const events = validationEvents({ raw, ema: result({ nonFinite: 2 }), stage: raw, problems: [] }, 10);
    expect(events.map(([kind]) => kind)).toEqual(['non_finite_scores', 'non_finite_scores']);
    expect(events[0]?.[1]).toMatch(/raw weights .* 4 of 10 images.*does not count as the best/);
    expect(events[1]?.[1]).toMatch(/EMA weights .* 2 of 10 images/);
    expect(validationEvents({ raw: result(), ema: null, stage: null, problems: [] }, 10)).toEqual([]);
  });
});
