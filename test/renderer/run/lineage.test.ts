/** A run's lineage as it is drawn. */
import { describe, expect, it } from 'vitest';
import type { Relative } from '../../../src/shared/contract/runs';
import { hasRelatives, pathOf } from '../../../src/renderer/views/run/lineage';
import { run } from '../runs/rows';

const relative = (id: string, fields: Partial<Relative> = {}): Relative => ({
  ...{
    id,
    name: id,
    task: 'mae',
    model: 'mae_vit_micro_patch4',
    best: null,
    state: 'completed',
    dataset_name: 'signs',
  },
  ...{ size: 32, stages: [[32, null, 1]], series: 1, step: 40 },
  ...fields,
});
const summary = run({ id: 'own', dataset_name: 'flowers' });

describe('a lineage', () => {
  it('goes from the dataset of the first run to the run itself, with the steps that each began with', () => {
    const ancestors = [relative('parent', { step: 60 }), relative('first', { step: 40, dataset_name: 'photographs' })];
    const path = pathOf({ summary, lineage: { ancestors, children: [], equivalent_epochs_total: 9 } });
    expect(path.nodes.map(({ id }) => id)).toEqual(['first', 'parent', 'own']);
    expect([path.dataset, path.steps]).toEqual(['photographs', [40, 60]]);
  });

  it('of a run that started from random weights is its dataset and itself', () => {
    const lineage = { ancestors: [], children: [relative('child')], equivalent_epochs_total: 9 };
    expect(pathOf({ summary, lineage })).toMatchObject({ dataset: 'flowers', nodes: [{ id: 'own' }], steps: [] });
    expect([hasRelatives(lineage), hasRelatives({ ...lineage, children: [] })]).toEqual([true, false]);
  });

  it('begins with a name only where the first run has been removed', () => {
    const gone = relative('gone', {
      task: null,
      model: null,
      dataset_name: null,
      size: null,
      stages: null,
      series: null,
    });
    const path = pathOf({ summary, lineage: { ancestors: [gone], children: [], equivalent_epochs_total: 9 } });
    expect(path).toMatchObject({ dataset: null, nodes: [{ id: 'gone', task: null }, { id: 'own' }] });
  });
});
