/**
 * Finds the initial weights of a new run. A named run is resolved once, here: its id and the step of its checkpoint are
 * frozen in the configuration, and its weights are kept in the new run's own folder, so that it is not resolved again
 * and the parent may be removed.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ownEpochsUntil } from '../../../shared/curriculum/branch';
import { AppError } from '../../../shared/errors';
import { runOfInit } from '../../../shared/run-init';
import type { RunConfig } from '../../../shared/run-config';
import type { Model } from '../../engine/types';
import { modelOf } from '../../engine/train/setup';
import { loadTimmWeights, takeWeights, type LoadedWeights, type LoadReport } from '../../engine/weights/load-timm';
import { tensorsOf } from '../../engine/weights/name-prefix';
import { writeSafetensors, type StoredTensor } from '../../engine/weights/safetensors';
import { timmState } from '../../engine/weights/to-timm';
import { runFolder } from '../../base/home';
import type { Store } from '../../store/open';
import { createRun, newRunId, type NewRun, type Run, type RunParent } from '../../store/runs';
import { loadRunWeights } from '../inference/checkpoints';
import { namedRun } from './named-run';
import { TEACHER_FILE, teacherWeights } from './teacher';

/** File of the parent's weights in the folder of a run that starts from them. */
const INIT_FILE = 'init.safetensors';

export interface InitialWeights {
  /** Configuration with `init` frozen: the full path of a file, or `run:ID@STEP`. */
  config: RunConfig;
  parent: RunParent | null;
  /** Weights by timm's names and in its layouts; null where they are in a file, or random. */
  weights: Record<string, StoredTensor> | null;
  /** Report of what was loaded; null: the weights are random. */
  report: LoadReport | null;
  /** Weights of the teacher, in the same form; null: there is none. */
  teacher: Record<string, StoredTensor> | null;
  /** A further note: empty, or why the best checkpoint could not be used. */
  said: string;
}

/**
 * Returns the run that a new run starts from; null where it starts from a file or from random weights. @throws AppError
 * not_found, ambiguous
 */
export const namedParent = (store: Store, init: string | null): Run | null =>
  init === null ? null : (namedRun(store, init, '--init')?.run ?? null);

/**
 * Finds the weights that the configuration's `init` names, checks whether they fit the model, and reads the teacher's.
 * @param classes of the dataset @throws AppError not_found, ambiguous, checkpoint_invalid, weights_mismatch
 */
export async function initialWeights(
  home: string,
  store: Store,
  config: RunConfig,
  classes: number,
): Promise<InitialWeights> {
  const own = await ownWeights(home, store, config, classes);
  const teacher = await teacherWeights(home, store, own.config, classes);
  return {
    ...own,
    config: teacher.config,
    teacher: teacher.weights,
    said: [own.said, teacher.said].filter(Boolean).join(' '),
  };
}

async function ownWeights(
  home: string,
  store: Store,
  config: RunConfig,
  classes: number,
): Promise<Omit<InitialWeights, 'teacher'>> {
  const { init, init_key } = config;
  if (init === null) return { config, parent: null, weights: null, report: null, said: '' };
  const model = modelOf(config, classes);
  const named = namedRun(store, init, '--init');
  if (!named) {
    const path = resolve(init);
    const { report } = loadTimmWeights(model, path, init_key);
    const { key = null } = report;
    const said = key === null ? '' : `The weights under the key ${key} of ${path} are taken.`;
    return { config: { ...config, init: path, init_key: key }, parent: null, weights: null, report, said };
  }
  if (init_key !== null) throw keyOfRun(init);
  const { run } = named;
  const found = await loadRunWeights(home, store, run, { checkpoint: named.step ?? 'best', weights: null });
  const { step, instead } = found;
  const weights = timmState(found.model, found.values);
  const { report } = takeWeights(model, `Run ${run.name}`, tensorsOf(weights));
  const total = ownEpochsUntil(run, step) + (run.parent?.equivalent_epochs ?? 0);
  return {
    config: { ...config, init: `run:${run.id}@${step}` },
    parent: { run: run.id, name: run.name, step, equivalent_epochs: total },
    weights,
    report,
    said: instead === null ? '' : `${instead.message} ${instead.why}`,
  };
}

const keyOfRun = (init: string): AppError =>
  new AppError({
    code: 'usage',
    what: `${init} has no keys.`,
    why: 'It is a run, and --init-key names a key of a PyTorch file.',
    next: 'Leave --init-key out.',
    action: { id: 'no_init_key' },
  });

/** Creates a run with its initial weights in its folder. */
export function createRunFrom(
  home: string,
  store: Store,
  { origin, plan }: Pick<NewRun, 'origin' | 'plan'>,
  { config, parent, weights, teacher }: InitialWeights,
): Run {
  const id = newRunId();
  const folder = runFolder(home, id);
  try {
    for (const [file, tensors] of [[INIT_FILE, weights] as const, [TEACHER_FILE, teacher] as const]) {
      if (!tensors) continue;
      mkdirSync(folder, { recursive: true });
      writeSafetensors(join(folder, file), tensors, { format: 'pt' });
    }
    return createRun(store, { id, config, origin, plan, parent });
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

/** Reads the frozen initial weights. @param folder of the run  @throws AppError weights_mismatch, not_found */
export function frozenWeights(model: Model, init: string, key: string | null, folder: string): LoadedWeights {
  return loadTimmWeights(model, runOfInit(init) ? join(folder, INIT_FILE) : init, key);
}
