/** Sources of weights by datasets. */
import { describe, expect, it } from 'vitest';
import type { RunSummary } from '../../../src/shared/contract/runs';
import { sourcesOf } from '../../../src/renderer/views/transfer/sources';
import { bestOf, transferMatrix } from '../../../src/renderer/views/transfer/transfer-matrix';
import { run } from '../runs/rows';

let created = 0;
const tuned = (seed: number, value: number, fields: Partial<RunSummary> = {}): RunSummary =>
  run({
    ...{ id: `t${++created}`, seed, model: 'vit', best: { metric: 'val/top1', value, step: 10 } },
    ...{
      created: new Date(1.7e12 + 1000 * created).toISOString(),
      init: 'run:mae@40',
      parent: { run: 'mae', step: 40 },
    },
    ...fields,
  });
const scratch = (seed: number, value: number, fields: Partial<RunSummary> = {}): RunSummary =>
  tuned(seed, value, { init: null, parent: null, ...fields });

describe('the matrix', () => {
  it('has a row for each source and model, with runs of the same model from random weights beneath', () => {
    const runs = [
      tuned(0, 0.7),
      tuned(1, 0.8),
      tuned(0, 0.6, { task: 'probe' }),
      tuned(0, 0.65, { init: '/weights/vit.safetensors', parent: null }),
      scratch(0, 0.5),
      scratch(0, 0.9, { model: 'resnet50' }),
      scratch(0, 0.9, { dataset: 'd2', dataset_name: 'birds' }),
    ];
    const matrix = transferMatrix(runs);
    expect(matrix.columns.map(({ key }) => key)).toEqual(['d1 classify', 'd1 probe']);
    expect(matrix.rows.map(({ source, model }) => [source, model])).toEqual([
      ['run:mae', 'vit'],
      ['/weights/vit.safetensors', 'vit'],
      [null, 'vit'],
    ]);
    const [first] = matrix.rows;
    expect(first?.cells.get('d1 classify')).toMatchObject({ mean: 0.75, runs: [{ seed: 0 }, { seed: 1 }] });
    expect(first?.cells.get('d1 classify')?.std).toBeCloseTo(0.0707107, 6);
    expect(first?.cells.get('d1 probe')).toMatchObject({ mean: 0.6, std: null });
    expect(bestOf(matrix, 'd1 probe')).toBeNull();
  });

  it('means seeds of one recipe and length only: the recipe with the most, and of those the newest', () => {
    const long = [tuned(0, 0.9, { equivalent_epochs: 300 }), tuned(0, 0.95, { equivalent_epochs: 300 })];
    const short = [tuned(0, 0.5), tuned(1, 0.6)];
    const cell = transferMatrix([...long, ...short]).rows[0]?.cells.get('d1 classify');
    expect(cell?.runs).toEqual(short);
    expect(cell?.others).toEqual(long);
    expect(transferMatrix(long).rows[0]?.cells.get('d1 classify')).toMatchObject({ mean: 0.95, std: null });
  });

  it('sets the best apart only where it is above the next by more than seeds scatter', () => {
    const close = transferMatrix([tuned(0, 0.7), tuned(1, 0.8), scratch(0, 0.72), scratch(1, 0.71)]);
    expect(bestOf(close, 'd1 classify')).toBeNull();
    const clear = transferMatrix([tuned(0, 0.8), tuned(1, 0.81), tuned(2, 0.79), scratch(0, 0.6), scratch(1, 0.61)]);
    expect(bestOf(clear, 'd1 classify')).toBeCloseTo(0.8, 12);
  });

  it('is empty without a run from trained weights, whatever was trained from scratch', () => {
    const unmeasured = [scratch(0, 0.5), tuned(0, 0.5, { best: null }), tuned(0, 0.5, { trashed: 'now' })];
    expect(transferMatrix(unmeasured)).toEqual({ columns: [], rows: [] });
  });
});

it('sources are runs with weights of their own, pre-trained ones first', () => {
  const runs = [
    run({ id: 'tuned' }),
    run({ id: 'mae', task: 'mae' }),
    run({ id: 'probe', task: 'probe' }),
    run({ id: 'new', step: 0 }),
  ];
  expect(sourcesOf(runs).map(({ id }) => id)).toEqual(['mae', 'tuned']);
});
