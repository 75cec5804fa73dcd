/**
 * Makes a data folder with runs as training leaves them, written through the store: rows, curves, states. No trainer
 * runs.
 */
import { classesEntry } from './classes-entry';
import { RUN_STATES, type RunState } from '../../src/shared/run-state';
import { resolveRun } from '../../src/main/services/runs/configs';
import { insertDataset, newDatasetId, type Dataset } from '../../src/main/store/datasets';
import { EntryWriter } from '../../src/main/store/entries';
import type { Store } from '../../src/main/store/open';
import { annotateRun } from '../../src/main/store/run-marks';
import { createRun, type Run } from '../../src/main/store/runs';
import { withStore } from './with-store';

export interface SeededRun {
  name: string;
  model?: string;
  preset?: string;
  size?: number;
  epochs?: number;
  set?: string[];
  state?: RunState;
  tags?: string[];
  /**
   * How high its accuracy rises, and after which share of the run it has reached half of that; null: it has no points.
   */
  learns?: { to: number; half: number } | null;
  /** Duration of the whole run in seconds. */
  seconds?: number;
  dataset?: string;
  /** Number of images that its accuracy was measured on; none: no evaluation by class is recorded. */
  images?: number;
}

export function seedDataset(store: Store, name: string, train = 800): Dataset {
  const classes = ['daisy', 'dandelion', 'roses', 'sunflowers', 'tulips'];
  const spread = (count: number): Record<string, number> =>
    Object.fromEntries(classes.map((label) => [label, count / classes.length]));
  const dataset: Dataset = {
    ...{
      id: newDatasetId(),
      name,
      root: `/nowhere/${name}`,
      format: 'folder',
      created: new Date().toISOString(),
      classes,
    },
    record: {
      ...{
        counts: { train: spread(train), val: spread(200) },
        formats: { jpeg: train + 200 },
        problems: {},
        excluded: {},
      },
      options: { val_split: 0, seed: 0, exclude_problems: false, exclude_leaks: false, val_drawn: false },
      sizes: { smallest: 200, largest: 600 },
    },
  };
  insertDataset(store, dataset);
  return dataset;
}

/** Returns a curve that rises to `to` with a little noise, always the same for the same run. */
function rises(run: Run, { to, half }: { to: number; half: number }): (share: number) => number {
  const phase = [...run.name].reduce((sum, letter) => sum + letter.charCodeAt(0), 0);
  return (share) => to * (1 - 2 ** (-share / half)) + 0.01 * Math.sin(40 * share + phase) * share;
}

function writeCurves(store: Store, run: Run, learns: { to: number; half: number }, seconds: number): void {
  const accuracy = rises(run, learns);
  const writer = new EntryWriter(store, run.id);
  const { steps } = run;
  const evaluateEvery = Math.max(Math.floor(steps / 20), 1);
  let best = { metric: 'val/top1', value: 0, step: 0 };
  const points = Array.from({ length: steps }, (_, index) => {
    const step = index + 1;
    const share = step / steps;
    const top1 = accuracy(share);
    const measured = step % evaluateEvery === 0 || step === steps;
    if (measured && top1 > best.value) best = { metric: 'val/top1', value: top1, step };
    const values = {
      ...{ 'train/loss': 2.2 - 1.6 * top1 + 0.08 * Math.sin(step * 1.7), lr: 1e-3 * Math.cos((share * Math.PI) / 2) },
      ...{ grad_norm: 1 + 0.2 * Math.sin(step), throughput: 180 - 60 * share + 5 * Math.sin(step * 0.3) },
      ...(measured ? { 'val/top1': top1, 'val/loss': 1.9 - 1.4 * top1 } : {}),
    };
    return {
      kind: 'points' as const,
      step,
      values,
      wallMs: 1000 * seconds * share,
      equivalentEpochs: run.plan.totals.equivalent_epochs * share,
    };
  });
  writer.write([...points, { kind: 'run', step: steps, best, wallSeconds: seconds }]);
}

export function seedRun(store: Store, dataset: Dataset, asked: SeededRun): Run {
  const { name, model = 'resnet_micro', preset = 'efficienttrain++', size = 32, epochs = 4, set = [] } = asked;
  const { state = 'completed', tags, learns = null, seconds = 120 } = asked;
  const flags = { name, size, 'schedule.equivalent_epochs': epochs, 'data.batch': 32 };
  const run = createRun(
    store,
    resolveRun({ dataset, model, preset, flags, set: ['engine.intra_op_threads=2', ...set] }),
  );
  if (learns) writeCurves(store, run, learns, seconds);
  if (asked.images !== undefined) {
    const perClass = [{ correct: 0, count: asked.images }];
    new EntryWriter(store, run.id).write([classesEntry(run.steps, 'raw', perClass, [asked.images])]);
  }
  const error = {
    code: 'non_finite',
    what: 'The loss is not a number.',
    why: 'train/loss was NaN at step 41.',
    next: 'Lower the learning rate or clip the gradient.',
  } as const;
  const ended = state === 'queued' ? null : new Date().toISOString();
  new EntryWriter(store, run.id).write([{ kind: 'run', state, ended, ...(state === 'failed' ? { error } : {}) }]);
  if (tags) annotateRun(store, run.id, { tags });
  return run;
}

const MODELS = ['resnet_micro', 'deit_micro'];
const PRESETS = ['efficienttrain++', 'constant', 'efficienttrain'];
const ENDED = RUN_STATES.filter((state) => ['completed', 'failed', 'paused', 'stopped', 'interrupted'].includes(state));

/** Makes as many runs as a busy user makes in a year: some one by one, the others as copies of their rows. */
export function seedMany(home: string, count: number): void {
  withStore(home, (store) => {
    const datasets = ['flowers', 'sign-digits'].map((name) => seedDataset(store, name));
    const made = Array.from({ length: Math.min(count, 30) }, (_, at) =>
      seedRun(store, datasets[at % 2] as Dataset, {
        ...{ name: `sweep-${at}`, model: MODELS[at % 2] as string, preset: PRESETS[at % 3] as string },
        state: ENDED[at % ENDED.length] as RunState,
        ...(at % 4 ? {} : { tags: ['sweep', `lr-${at % 3}`] }),
      }),
    );
    const columns = (store.pragma('table_info(runs)') as { name: string }[])
      .map(({ name }) => name)
      .filter((name) => !['id', 'name', 'created', 'series', 'best', 'step'].includes(name));
    const copy = store.prepare(
      `INSERT INTO runs (id, name, created, series, best, step, ${columns.join(', ')})
       SELECT @id, @name, @created, @series, @best, CAST(steps * @share AS INTEGER), ${columns.join(', ')} FROM runs WHERE id = @from`,
    );
    store.transaction(() => {
      for (let at = made.length; at < count; at++) {
        copy.run({
          ...{
            id: `copy${String(at).padStart(5, '0')}`,
            name: `sweep-${at}`,
            series: at,
            from: (made[at % made.length] as Run).id,
          },
          created: new Date(Date.now() - at * 3_600_000).toISOString(),
          best: JSON.stringify({ metric: 'val/top1', value: ((at * 7919) % 1000) / 1000, step: 10 }),
          share: ((at * 31) % 100) / 100,
        });
      }
    })();
  });
}
