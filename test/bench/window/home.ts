/** Makes a data folder of many runs with the store's own writer, because the bench measures how the window reads it. */
import { databasePath } from '../../../src/main/base/home';
import { EntryWriter, type Entry } from '../../../src/main/store/entries';
import { openStore, type Store } from '../../../src/main/store/open';
import { addRun } from '../../store/support';
import { importFolder, temporary } from '../../support/training';
import { tinyDataset } from '../../support/tiny-dataset';

/** A live run's series: the trainer's eight of each step, and two of its evaluations. */
export const SERIES = [
  ...['train/loss', 'train/top1', 'lr', 'grad_norm', 'throughput', 'loader_wait_ms', 'compute_ms', 'memory_mb'],
  ...['val/loss', 'val/top1'],
] as const;

/** Returns noisy curves that fall or rise; they depend on the step alone. */
export function valuesAt(step: number, steps: number): Record<string, number> {
  const done = step / steps;
  const noise = (Math.sin(step * 12.9898) * 43758.5453) % 1;
  return {
    ...{
      'train/loss': 2.3 * Math.exp(-3 * done) + 0.2 * noise,
      'train/top1': 0.9 * (1 - Math.exp(-4 * done)) + 0.05 * noise,
    },
    ...{ lr: 0.001 * (1 - done), grad_norm: 1 + noise, memory_mb: 1800 + 20 * noise, throughput: 900 + 40 * noise },
    ...{ loader_wait_ms: 3 + noise, compute_ms: 40 + 2 * noise },
    ...{
      'val/loss': 2.4 * Math.exp(-2.5 * done) + 0.02 * noise,
      'val/top1': 0.8 * (1 - Math.exp(-4 * done)) + 0.01 * noise,
    },
  };
}

export const pointsAt = (step: number, steps: number): Entry => ({
  ...{ kind: 'points', step, values: valuesAt(step, steps), wallMs: step * 50, equivalentEpochs: (300 * step) / steps },
});

const BATCH = 5000;

/** Adds a trained run. @returns its id */
function addTrained(
  store: Store,
  config: Record<string, unknown>,
  state: string,
  steps: number,
  points: number,
): string {
  const { id } = addRun(store, config, steps);
  const writer = new EntryWriter(store, id);
  for (let from = 1; from <= points; from += BATCH) {
    const length = Math.min(BATCH, points - from + 1);
    writer.write(Array.from({ length }, (_, index) => pointsAt(from + index, steps)));
  }
  const best = { metric: 'val/top1', value: 0.7 + 0.2 * ((points % 89) / 89), step: points };
  store
    .prepare(
      'UPDATE runs SET state = ?, step = ?, best = ?, started = created, ended = created, wall_seconds = ? WHERE id = ?',
    )
    .run(state, points, JSON.stringify(best), points * 0.05, id);
  return id;
}

export interface BenchHome {
  home: string;
  /** 10 series of 100,000 points. */
  million: string;
  /** 10 series of 10,000 points each. */
  compared: string[];
  /** Two hours of 20 steps a second, paused. */
  live: string;
  liveSteps: number;
  runs: number;
}

export interface HomeSize {
  runs: number;
  historySteps: number;
}

export async function benchHome({ runs, historySteps }: HomeSize): Promise<BenchHome> {
  const home = temporary('bench');
  const dataset = (await importFolder(home, await tinyDataset(temporary('photos')))).id;
  const store = openStore(databasePath(home));
  store.pragma('synchronous = OFF');
  const config = (name: string, seed: number): Record<string, unknown> => ({ dataset, name, seed });
  const compared = Array.from({ length: 20 }, (_, index) =>
    addTrained(store, config(`compared ${index + 1}`, index), 'completed', 10_000, 10_000),
  );
  const million = addTrained(store, config('one million points', 0), 'completed', 100_000, 100_000);
  const liveSteps = 10 * historySteps;
  const live = addTrained(store, config('live', 0), 'paused', liveSteps, historySteps);
  const others = Math.max(runs - compared.length - 2, 0);
  store.transaction(() => {
    for (let index = 0; index < others; index++)
      addTrained(
        store,
        config(`sweep ${index % 4 ? 'v' : 'x'}${index % 16 ? 'v' : 'w'} ${index}`, index),
        index % 7 ? 'completed' : 'stopped',
        1000,
        0,
      );
  })();
  store.close();
  return { home, million, compared, live, liveSteps, runs: compared.length + 2 + others };
}
