/** Runs side by side, at the accuracy that a user chooses. */
import { afterAll, describe, expect, it } from 'vitest';
import { EntryWriter } from '../../src/main/store/entries';
import { addRun } from '../store/support';
import { openCore } from './core-support';

const { core, call } = openCore();
afterAll(() => core.close());

/** Records a run whose accuracy rises by `rise` every ten steps of ten seconds. */
function trained(rise: number, seed: number): string {
  const { store } = core.context;
  const run = addRun(store, { seed });
  new EntryWriter(store, run.id).write(
    Array.from({ length: 10 }, (_, index) => ({
      ...({
        kind: 'points',
        step: (index + 1) * 10,
        wallMs: (index + 1) * 10_000,
        equivalentEpochs: index + 1,
      } as const),
      values: { 'val/top1': rise * (index + 1), 'train/loss': 1 / (index + 1) },
    })),
  );
  return run.id;
}

describe('runs compared', () => {
  const [baseline, fast] = [trained(0.05, 1), trained(0.1, 2)];

  it('at the level of the weakest, the median of its last three evaluations, where none is chosen', async () => {
    const { same_accuracy } = await call('compare.runs', { runs: [baseline, fast] });
    expect(same_accuracy).toMatchObject({ metric: 'val/top1', value: 0.45, images: null, margin: null });
    expect(same_accuracy?.runs[fast]).toEqual({
      step: 50,
      seconds: 50,
      equivalent_epochs: 5,
      speedup_seconds: 9 / 5,
      speedup_compute: 9 / 5,
      ...{ range_seconds: [10, null], range_compute: [1, null], noisy_seconds: true, noisy_compute: true },
    });
  });

  it('at a chosen one, and only those that reach it', async () => {
    const lower = await call('compare.runs', { runs: [baseline, fast], accuracy: 0.2 });
    expect(lower.same_accuracy?.runs[baseline]).toMatchObject({ step: 40, speedup_seconds: 1 });
    expect(lower.same_accuracy?.runs[fast]).toMatchObject({ step: 20, speedup_seconds: 2 });
    const higher = await call('compare.runs', { runs: [baseline, fast], accuracy: 0.8 });
    expect(Object.keys(higher.same_accuracy?.runs ?? {})).toEqual([fast]);
    expect(higher.same_accuracy?.runs[fast]).toMatchObject({ step: 80, speedup_seconds: null });
  });

  it('with signed deltas, whole configurations and what differs', async () => {
    const compared = await call('compare.runs', { runs: [baseline, fast] });
    expect(compared.metrics['val/top1']?.[fast]).toMatchObject({ last: 1, delta_last: 0.5, delta_best: 0.5 });
    expect(compared.metrics['train/loss']?.[fast]).toMatchObject({ best: 0.1, delta_best: 0 });
    expect(compared.config_differences).toEqual({ seed: { [baseline]: 1, [fast]: 2 } });
    expect(compared.configs[fast]).toMatchObject({ seed: 2, model: 'resnet18' });
  });

  it('by fields that a run of an earlier version lacks: by what it did without them', async () => {
    core.context.store
      .prepare("UPDATE runs SET config = json_remove(config, '$.engine.autocast') WHERE id = ?")
      .run(baseline);
    const { config_differences, configs } = await call('compare.runs', { runs: [baseline, fast] });
    expect(Object.keys(config_differences)).toEqual(['seed']);
    expect(configs[baseline]).toMatchObject({ 'engine.autocast': false });
  });

  it('that are not there are refused', () =>
    expect(call('compare.runs', { runs: [baseline, 'none'] })).rejects.toMatchObject({ code: 'not_found' }));
});
