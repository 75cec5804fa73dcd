import { describe, expect, it } from 'vitest';
import type { Curve } from '../../../src/shared/contract/metrics';
import { differs, exactText, fieldsOf, groupOf, valueText } from '../../../src/renderer/views/compare/config-groups';
import { byImportance, metricKind } from '../../../src/renderer/views/compare/metric-kind';
import { familyOf, publishedFor } from '../../../src/renderer/views/compare/published';
import { commonAccuracy, costsAt, highestAccuracy } from '../../../src/renderer/views/compare/same-accuracy';
import { stackOf } from '../../../src/renderer/views/compare/schedule-stack';
import { i18n } from '../../../src/renderer/i18n';
import { DEPARTURE_CODES } from '../../../src/shared/published/departures';
import { run } from '../runs/rows';
import { PAPER } from './comparison';

/** Points are [step, value]; ten steps are an equivalent epoch of two seconds. */
const curve = (points: readonly (readonly [number, number])[]): Curve => ({
  ...{ name: 'val/top1', width: 1, not_finite: 0, gaps: [] },
  step: points.map(([step]) => step),
  ...{
    mean: points.map(([, value]) => value),
    min: points.map(([, value]) => value),
    max: points.map(([, value]) => value),
  },
  epoch: points.map(([step]) => step / 5),
  equivalent_epochs: points.map(([step]) => step / 10),
  seconds: points.map(([step]) => step / 5),
});
const slow = curve([
  [10, 0.2],
  [20, 0.5],
  [40, 0.7],
  [50, 0.7],
]);
const fast = curve([
  [10, 0.5],
  [20, 0.4],
  [30, 0.8],
  [40, 0.8],
]);
/** A number of images so large that no difference is within the error. */
const MANY = 1e9;

describe('the same accuracy', () => {
  it('starts as the level of the weakest run that has a curve, not as anyone’s best', () => {
    expect(commonAccuracy([slow, fast, undefined])).toBe(0.7);
    expect(highestAccuracy([slow, fast, undefined])).toBe(0.8);
    expect(commonAccuracy([undefined, curve([])])).toBeNull();
  });

  it('counts what was saved against the baseline, which comes first', () => {
    const [base, other, none] = costsAt([[slow], [fast], [undefined]], 0.7, MANY).map(({ cost }) => cost);
    expect(base).toMatchObject({ step: 40, times_compute: 1, times_seconds: 1 });
    expect(other).toMatchObject({ step: 30, times_compute: 4 / 3, times_seconds: 4 / 3 });
    expect(none).toBeNull();
  });

  it('is of seeds their mean, and none unless all are there: the fast ones alone would look cheap', () => {
    const [both, one] = costsAt([[slow, fast], [fast]], 0.7, MANY);
    expect(both).toMatchObject({ seeds: 2, cost: { step: 35, seconds: 7, equivalent_epochs: 3.5, times_compute: 1 } });
    expect(one?.cost?.times_compute).toBeCloseTo(3.5 / 3);
    expect(costsAt([[slow, fast]], 0.75, MANY)).toMatchObject([{ seeds: 2, reached: [{ step: 30 }], cost: null }]);
  });

  it('is too noisy to call where the ranges of two costs meet, or nobody knows of how many images', () => {
    const calls = (images: number | null): unknown =>
      costsAt([[slow], [fast]], 0.6, images).map(({ cost }) => cost?.noisy_compute);
    expect(calls(MANY)).toEqual([false, false]);
    expect(calls(20)).toEqual([false, true]);
    expect(calls(null)).toEqual([false, true]);
    expect(costsAt([[slow], [fast]], 0.6, 20)[0]?.cost?.range_compute).toEqual([2, null]);
  });

  it('says no factor where the baseline is not there', () => {
    expect(costsAt([[slow], [fast]], 0.8, MANY)).toMatchObject([
      { cost: null },
      { cost: { step: 30, times_compute: null, times_seconds: null } },
    ]);
  });
});

describe('metrics', () => {
  it('know which way is better', () => {
    expect(metricKind('val/loss').better).toBe('lower');
    expect(metricKind('val/top1').better).toBe('higher');
    expect(metricKind('throughput').better).toBe('higher');
    expect(metricKind('grad_norm').better).toBeNull();
  });

  it('write differences signed, of accuracies in percentage points', () => {
    expect(metricKind('val/top1').formatDelta(0.0123)).toBe('+1.2 pp');
    expect(metricKind('val/top1', 2).formatDelta(0.0123)).toBe('+1.23 pp');
    expect(metricKind('val/top1').formatDelta(0.0001)).toBe('±0.0 pp');
    expect(metricKind('val/top1').formatDelta(-0.5)).toBe('−50.0 pp');
    expect(metricKind('val/loss').formatDelta(-0.25)).toBe('−0.25');
    expect(metricKind('val/loss').formatDelta(0)).toBe('±0');
  });

  it('are listed with what was measured first', () => {
    expect(byImportance(['lr', 'train/loss', 'val/loss', 'throughput', 'val/top5', 'val/top1'])).toEqual([
      'val/top1',
      'val/top5',
      'val/loss',
      'train/loss',
      'throughput',
      'lr',
    ]);
  });
});

describe('fields of the configuration', () => {
  it.each([
    ['schedule.stages', 'schedule'],
    ['size', 'schedule'],
    ['optimizer.base_lr', 'recipe'],
    ['data.mixup', 'recipe'],
    ['seed', 'recipe'],
    ['dataset', 'data'],
    ['data.crop_pct', 'data'],
    ['data.workers', 'machine'],
    ['engine.intra_op_threads', 'machine'],
  ])('%s belongs to %s', (field, group) => expect(groupOf(field)).toBe(group));

  it('are those that any run has, but its name', () => {
    expect(fieldsOf([{ name: 'a', seed: 1 }, undefined, { size: 2 }])).toEqual(['seed', 'size']);
  });

  it('differ by what they hold; one that is missing is as null', () => {
    expect(
      differs([
        [1, 2],
        [1, 2],
      ]),
    ).toBe(false);
    expect(differs([null, undefined])).toBe(false);
    expect(differs([{ a: 1 }, { a: 2 }])).toBe(true);
  });

  it('are written short, with all of it to be read', () => {
    const stages = [{ bandwidth: 96, magnitude: 1, magnitude_end: null, share: 0.2, batch: null, replay_times: 1 }];
    expect(valueText(stages)).toBe('96:20%');
    expect(exactText(stages)).toContain('"magnitude": 1');
    expect(valueText({ unit: 'fraction', value: 0.1 })).toBe('fraction 0.1');
    expect(valueText([0.9, 0.999])).toBe('0.9, 0.999');
    expect([valueText(null), valueText(false), valueText(1e-6), valueText('x')]).toEqual([
      '–',
      'false',
      '0.000001',
      'x',
    ]);
  });
});

describe('published rows', () => {
  it('are those of the same family of models', () => {
    expect([
      familyOf('resnet_micro'),
      familyOf('ResNet-50'),
      familyOf('deit_tiny_patch16_224'),
      familyOf('DeiT-S'),
    ]).toEqual(['resnet', 'resnet', 'deit', 'deit']);
    const rows = [PAPER, { ...PAPER, id: 'other', model: 'Swin-T' }];
    expect(publishedFor(rows, ['deit_micro']).map(({ id }) => id)).toEqual([PAPER.id]);
    expect(publishedFor(rows, [])).toEqual([]);
  });
});

describe('departures from a row of the papers', () => {
  it('have words in both languages', () => {
    for (const locale of ['en', 'zh'] as const)
      for (const code of DEPARTURE_CODES)
        expect(i18n.global.t(`compare.against_${code}`, { field: 'f', own: '1', published: '2' }, { locale })).toMatch(
          /1.*2/,
        );
  });
});

describe('schedules one under the other', () => {
  it('have one scale: a run of half the compute is half as wide, a side of half the pixels half as high', () => {
    const long = run({
      id: 'a',
      equivalent_epochs: 200,
      size: 224,
      stages: [
        [112, 1, 0.25],
        [224, 9, 0.75],
      ],
    });
    const short = run({ id: 'b', equivalent_epochs: 100, size: 112, stages: [[112, 9, 1]] });
    const { rows, side } = stackOf([long, short]);
    expect(side).toBe(224);
    expect(rows[0]?.stages).toMatchObject([
      { left: 0, width: 0.25, height: 0.5, epochs: 50 },
      { left: 0.25, width: 0.75, height: 1, epochs: 150 },
    ]);
    expect(rows[1]?.stages).toMatchObject([{ left: 0, width: 0.5, height: 0.5, epochs: 100 }]);
    expect(stackOf([]).rows).toEqual([]);
  });
});
