/** The zoo's picture of accuracies: the papers' rows and own runs at what their training costs. */
import { describe, expect, it } from 'vitest';
import type { ModelSpeeds } from '../../../src/shared/contract/models';
import type { RunSummary } from '../../../src/shared/contract/runs';
import { accuracyCsv } from '../../../src/renderer/views/zoo/accuracy-file';
import {
  datasetsOf,
  familySeries,
  inUnit,
  ownPoints,
  publishedPoints,
  unitOf,
  type Cost,
  type PlacedBy,
} from '../../../src/renderer/views/zoo/accuracy-points';
import { modelEntry } from '../../../src/main/engine/models';
import { run } from '../runs/rows';
import { info } from './model-info';

const SWIN = 'swin_tiny_patch4_window7_224';
const IMAGES = 1_281_167;
const MODELS = [SWIN, 'resnet50', 'resnet_micro'].map(info);
const NOTHING: ModelSpeeds = { memory_total: 8e9, measured: [], runs: [] };
const measured = (model: string, size: number, speed: number): ModelSpeeds => ({
  ...NOTHING,
  measured: [
    {
      ...{ model, size, batch: 32, measured: '2026-11-30', images_per_second: speed, memory_bytes: 1e9 },
      beside_training: false,
    },
  ],
});
const by = (cost: Cost, speeds = NOTHING): PlacedBy => ({
  ...{ models: MODELS, speeds, batch: 32, cost },
  ...{ familyName: (id: string) => id, rowName: ({ model, method }) => `${model}: ${method}` },
});

describe('the papers’ rows', () => {
  it('cost three forward passes an image', () => {
    const { points, without } = publishedPoints(by('compute'));
    expect(without).toEqual([]);
    const at = Object.fromEntries(points.map((point) => [`${point.name} ${point.row?.epochs}`, point]));
    expect(Object.keys(at)).toHaveLength(8);
    const swin = at['Swin-T: EfficientTrain++ 200'];
    expect(swin).toMatchObject({ y: 0.816, hollow: false, label: 'Swin-T', category: 'swin', model: SWIN });
    expect(swin?.x).toBeCloseTo(3 * modelEntry(SWIN).macs(224) * IMAGES * 200, -6);
    expect(at['Swin-T: Baseline 300']).toMatchObject({ y: 0.813, hollow: true, label: '' });
  });

  it('take the time of their compute at this machine’s speed, where it is known', () => {
    const { points, without } = publishedPoints(by('time', measured(SWIN, 224, 50)));
    expect(without).toEqual(['resnet50']);
    const swin = points.find(({ label }) => label === 'Swin-T');
    expect(swin?.x).toBeCloseTo((IMAGES * 200) / 50);
    expect(swin?.speed?.how).toBe('measured');
    const scaled = publishedPoints(by('time', measured(SWIN, 96, 200))).points.find(({ label }) => label === 'Swin-T');
    expect(scaled?.speed?.how).toBe('scaled');
    expect(scaled?.x).toBeGreaterThan((IMAGES * 200) / 50);
  });

  it('are joined by method, and the longest baseline to the reported curriculum', () => {
    const { links } = publishedPoints(by('compute'));
    expect(links.map((link) => link.map(({ name, row }) => `${name} ${row?.epochs}`))).toEqual([
      ['Swin-T: Baseline 100', 'Swin-T: Baseline 200', 'Swin-T: Baseline 300'],
      ['Swin-T: EfficientTrain++ 100', 'Swin-T: EfficientTrain++ 150', 'Swin-T: EfficientTrain++ 200'],
      ['Swin-T: Baseline 300', 'Swin-T: EfficientTrain++ 200'],
      ['ResNet-50: Baseline 300', 'ResNet-50: EfficientTrain++ 200'],
    ]);
  });
});

describe('own runs', () => {
  const own = (fields: Partial<RunSummary>): RunSummary =>
    run({ model: 'resnet_micro', size: 32, best: { metric: 'val/top1', value: 0.5, step: 9 }, ...fields });
  const RUNS = [
    own({ id: 'a', seed: 0, wall_seconds: 60 }),
    own({ id: 'b', seed: 1, wall_seconds: 80, best: { metric: 'val/top1', value: 0.6, step: 9 } }),
    own({ id: 'again', seed: 1, best: { metric: 'val/top1', value: 0.6, step: 9 } }),
    own({ id: 'c', preset: 'constant' }),
    own({ id: 'training', state: 'running' }),
    own({ id: 'mae', best: { metric: 'val/loss', value: 0.5, step: 9 } }),
    own({ id: 'other', model: 'deit_micro' }),
  ];

  it('are means over seeds, each seed once; only finished ones that are judged by accuracy', () => {
    const { points, without } = ownPoints(RUNS, 800, by('time'));
    expect(points.map(({ id, hollow, x, runs }) => [id, hollow, x, runs.length])).toEqual([
      ['a', false, 70, 2],
      ['c', true, 60, 1],
    ]);
    expect(points[0]?.y).toBeCloseTo(0.55);
    expect(points[0]?.spreadY).toBeCloseTo(0.0707, 4);
    expect(without).toEqual([]);
    expect(datasetsOf(RUNS)).toEqual(new Map([['d1', 'flowers']]));
  });

  it('cost their equivalent epochs of the dataset’s images, which have to be known', () => {
    const { points } = ownPoints(RUNS, 800, by('compute'));
    expect(points[0]?.x).toBe(3 * modelEntry('resnet_micro').macs(32) * 800 * 100);
    expect(points[0]?.spreadX).toBeNull();
    expect(ownPoints(RUNS, null, by('compute'))).toMatchObject({ points: [], without: ['deit-96', 'deit-96'] });
  });
});

it('is drawn in the largest unit that leaves two digits, lines as well as points', () => {
  const placed = publishedPoints(by('compute'));
  const unit = unitOf('compute', placed.points);
  expect(unit).toEqual(['EMACs', 1e18]);
  const { points, links } = inUnit(placed, unit);
  expect(points.find(({ label }) => label === 'Swin-T')?.x).toBeCloseTo(3.45, 1);
  expect(points).toContain(links[0]?.[0]);
  expect(unitOf('time', [])).toEqual(['s', 1]);
});

it('gives a family its colour whichever models are shown', () => {
  const seriesOf = familySeries(MODELS, (id) => id.toUpperCase());
  expect([seriesOf('RESNET'), seriesOf('SWIN')]).toEqual([0, 9]);
});

it('is a file with every number in full, and where it comes from', () => {
  const { points } = publishedPoints({ ...by('time', measured('resnet50', 224, 100)), models: [info('resnet50')] });
  expect(accuracyCsv(points, 'time').split('\r\n').slice(0, 2)).toEqual([
    'name,model,method,equivalent_epochs,n,seconds,seconds_std,top1,top1_std,source',
    'ResNet-50: Baseline,resnet50,Baseline,300,1,3843501,,0.788,,"Wang et al., TPAMI 2024 (arXiv 2405.08768)"',
  ]);
});
