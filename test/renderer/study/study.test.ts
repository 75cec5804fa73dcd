/** The drawings and texts of the study's screen, and the requests of its form. */
import { describe, expect, it } from 'vitest';
import type { FrequencyStudy, StudyCurve } from '../../../src/shared/contract/studies';
import { EVERY_SIZE } from '../../../src/shared/curriculum/size-rule';
import { draftOfStudy, stagesOfStudy } from '../../../src/renderer/views/study/draft-of-study';
import { FRAME, leavesPicture } from '../../../src/renderer/views/study/leaves-picture';
import { FIRST_FIELDS, radiiOf, requestOf } from '../../../src/renderer/views/study/study-form';
import { sentenceOf } from '../../../src/renderer/views/study/study-sentence';
import {
  checkpointSeries,
  frequencySeries,
  leaveMarks,
  radiusStyle,
} from '../../../src/renderer/views/study/study-series';

const point = (step: number, top1: number) => ({
  ...{ step, progress: step / 100, top1, seeds: 1, low: top1 - 0.05, high: top1 + 0.05 },
});
const curve = (radius: number | null, leaves: number | null): StudyCurve => ({
  ...{ radius, runs: [], curve: [point(50, 0.4), point(100, 0.5)] },
  leaves: leaves === null ? null : { step: leaves, progress: leaves / 100 },
});
const study = (...curves: StudyCurve[]): FrequencyStudy => ({
  ...{ id: 's', kind: 'frequency', state: 'completed', dataset: 'd', model: 'm', size: 64, equivalent_epochs: 20 },
  ...{ radii: curves.flatMap(({ radius }) => radius ?? []), seeds: 1, images: 100, curves },
  fit: { slope: 0.05, intercept: 0, r2: null, points: 2 },
});
const usual = study(curve(null, null), curve(4, 50), curve(8, 100), curve(16, null));

describe('the form', () => {
  it.each([
    ['auto', 'auto'],
    ['', 'auto'],
    ['8, 16；24.5', [8, 16, 24.5]],
    ['8,x', null],
    ['0', null],
  ] as const)('reads the radii %j', (text, radii) => {
    expect(radiiOf(text)).toEqual(radii);
  });

  it('asks for either kind, and for nothing where something is missing', () => {
    expect(requestOf(FIRST_FIELDS)).toBeNull();
    expect(requestOf({ ...FIRST_FIELDS, dataset: 'd', model: 'm', radii: '4' })).toMatchObject({
      ...{ kind: 'frequency', dataset: 'd', model: 'm', radii: [4], seeds: 1, overrides: {} },
    });
    expect(requestOf({ ...FIRST_FIELDS, kind: 'checkpoints', run: 'r' })).toMatchObject({
      ...{ kind: 'checkpoints', run: 'r', radii: null, weights: null, images: 1000 },
    });
  });
});

describe('the curves', () => {
  it('lie over the compute with their intervals, and are marked where they leave', () => {
    const series = frequencySeries(usual, String);
    expect(series.map(({ id }) => id)).toEqual(['unfiltered', 'radius-4', 'radius-8', 'radius-16']);
    expect(series[1]?.curve).toMatchObject({ equivalent_epochs: [10, 20], mean: [0.4, 0.5], min: [0.4 - 0.05, 0.45] });
    expect(leaveMarks(usual, 'equivalent_epochs').map(({ series: of, x, y }) => [of, x, y])).toEqual([
      ['radius-4', 10, 0.4],
      ['radius-8', 20, 0.5],
    ]);
  });

  it('go from cool to warm, and differ in their dashes where colours repeat', () => {
    expect([0, 1, 2].map((at) => radiusStyle(at, 3).token)).toEqual(['--stage-0', '--stage-2', '--stage-4']);
    const many = Array.from({ length: 9 }, (_, at) => JSON.stringify(radiusStyle(at, 9)));
    expect(new Set(many).size).toBe(9);
  });

  it('of checkpoints hold the plain view and those of their group', () => {
    const views = { top1: 0.5, loss: 1, low: 0.4, high: 0.6 };
    const names = ['plain', 'low_pass:4', 'high_pass:4', 'weak', 'strong'];
    const checkpoints = [
      { step: 10, progress: 0.5, stage: 0, views: Object.fromEntries(names.map((id) => [id, views])) },
    ];
    const made = checkpointSeries(
      {
        ...{ id: 's', kind: 'checkpoints', state: 'completed', run: 'r', weights: 'raw', images: 10, radii: [4] },
        ...{ views: names, checkpoints },
      },
      'augmented',
      20,
      String,
    );
    expect(made.map(({ id, curve: of }) => [id, of.equivalent_epochs])).toEqual([
      ['plain', [10]],
      ['weak', [10]],
      ['strong', [10]],
    ]);
  });
});

describe('the picture of radius against progress', () => {
  it('places what leaves, what stays and the line, which ends at the frame', () => {
    const { points, stay, fit } = leavesPicture(usual, 300, 240);
    const rows = 240 - FRAME.top - FRAME.bottom;
    expect(points.map(({ radius, y }) => [radius, y])).toEqual([
      [4, FRAME.top + rows / 2],
      [8, FRAME.top],
    ]);
    expect(stay.map(({ radius }) => radius)).toEqual([16]);
    expect(fit?.from).toEqual({ x: FRAME.left, y: FRAME.top + rows });
    expect(fit?.to.y).toBeLessThanOrEqual(FRAME.top + rows);
    expect(fit?.to.y).toBeGreaterThanOrEqual(FRAME.top);
  });
});

describe('the sentence', () => {
  it.each([
    ['waiting', study(curve(null, null))],
    ['none', study(curve(null, null), curve(4, null))],
    ['few', study(curve(null, null), curve(4, 50), curve(8, null))],
    ['later', usual],
    ['mixed', study(curve(null, null), curve(4, 100), curve(8, 50))],
    ['mixed', study(curve(null, null), curve(4, null), curve(8, 50), curve(16, 100))],
  ] as const)('says %s', (key, of) => {
    expect(sentenceOf(of).key).toBe(key);
  });
});

describe('the drafted schedule', () => {
  it('has a bandwidth of twice the radius up to where its curve leaves, and the whole size for the rest', () => {
    const stages = stagesOfStudy(study(curve(null, null), curve(4, 25), curve(8, 50), curve(16, 40)), EVERY_SIZE);
    expect(stages?.map(({ bandwidth, share }) => [bandwidth, share])).toEqual([
      [8, 0.25],
      [16, 0.25],
      [64, 0.5],
    ]);
    const body = draftOfStudy(study(curve(null, null), curve(16, 50)), EVERY_SIZE);
    // Half of the passes cost a quarter of those at the full size.
    expect(body).toMatchObject({ share_of: 'epochs', reference_epochs: 20, equivalent_epochs: 20 * (0.5 / 4 + 0.5) });
  });

  it('is none where no curve leaves', () => {
    expect(draftOfStudy(study(curve(null, null), curve(4, null)), EVERY_SIZE)).toBeNull();
  });
});
