/**
 * Makes real runs for tests: a small dataset from the bundled sample, trainer processes, and their results in the
 * store.
 */
import { cpSync, mkdirSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TrainerMessage } from '../../src/main/engine/train/protocol';
import { resolveRun } from '../../src/main/services/runs/configs';
import { startTrainer, type TrainerHandle } from '../../src/main/services/runs/trainer-process';
import type { Dataset } from '../../src/main/store/datasets';
import { pointsOf, seriesNames, type Point } from '../../src/main/store/metrics';
import { createRun, runById, type Run } from '../../src/main/store/runs';
import { reviewFolder } from './review-folder';
import { withStore } from './with-store';

/** Makes a folder that is removed after the file's tests, with everything else in the temporary folder. */
export const temporary = (name: string): string => mkdtempSync(join(tmpdir(), `efficienttrain-${name}-`));

/**
 * Makes a folder of `perClass` train and a quarter as many val images of each of some classes of the bundled sample.
 */
export function smallSample(folder: string, perClass: number, classes = ['zero', 'one', 'two', 'five']): string {
  const source = join(import.meta.dirname, '../../resources/sample/sign-digits');
  for (const split of ['train', 'val']) {
    for (const name of classes) {
      const target = join(folder, split, name);
      mkdirSync(target, { recursive: true });
      const files = readdirSync(join(source, split, name)).sort();
      for (const file of files.slice(0, split === 'train' ? perClass : Math.ceil(perClass / 4)))
        cpSync(join(source, split, name, file), join(target, file), { preserveTimestamps: true });
    }
  }
  return folder;
}

/** @param unlabelled whether the images are imported without labels; train gets all that are in no folder of a split */
export async function importFolder(home: string, source: string, unlabelled = false): Promise<Dataset> {
  const review = await reviewFolder({
    ...{ source, home, valSplit: unlabelled ? null : 0.2 },
    ...(unlabelled ? { read: { unlabelled } } : {}),
  });
  withStore(home, (store) => review.commit(store));
  return review.dataset;
}

export interface NewRun {
  model?: string;
  preset?: string;
  size?: number;
  epochs?: number;
  set?: string[];
}

export function newRun(
  home: string,
  dataset: Dataset,
  { model = 'resnet_micro', preset = 'efficienttrain++', size = 32, epochs = 2, set = [] }: NewRun,
): Run {
  const flags = { size, 'schedule.equivalent_epochs': epochs, 'data.batch': 16 };
  const resolved = resolveRun({
    dataset,
    model,
    preset,
    flags,
    set: ['engine.intra_op_threads=2', 'engine.inter_op_threads=1', 'data.workers=1', ...set],
  });
  return withStore(home, (store) => createRun(store, resolved));
}

/** Starts the trainer; `onMessage` may use the handle. */
export function train(
  home: string,
  run: Run,
  onMessage: (message: TrainerMessage, trainer: TrainerHandle) => void = () => undefined,
): TrainerHandle {
  const trainer: TrainerHandle = startTrainer({
    home,
    runId: run.id,
    config: run.config,
    onMessage: (message) => onMessage(message, trainer),
  });
  return trainer;
}

export function look(home: string, runId: string): { run: Run; series: Record<string, Point[]> } {
  return withStore(home, (store) => {
    const run = runById(store, runId);
    if (!run) throw new Error(`no run ${runId}`);
    return {
      run,
      series: Object.fromEntries(seriesNames(store, runId).map((name) => [name, pointsOf(store, runId, name)])),
    };
  });
}
