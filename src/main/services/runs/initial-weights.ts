/**
 * What a new run starts from. A run that is named is looked up once, here: its id and the step of its checkpoint are
 * frozen in the configuration, and its weights are kept in the new run's own folder, so that nobody looks again and the
 * parent may be removed.
 */
import { existsSync, mkdirSync, rmSync } from 'node:fs';
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
import { createRun, findRun, newRunId, type NewRun, type Run, type RunParent } from '../../store/runs';
import { loadRunWeights } from '../inference/checkpoints';

/** The parent's weights in the folder of a run that starts from them. */
const INIT_FILE = 'init.safetensors';

export interface InitialWeights {
  /** With `init` as it is frozen: the whole path of a file, or `run:ID@STEP`. */
  config: RunConfig;
  parent: RunParent | null;
  /** By timm's names and in its layouts; null where they are in a file, or random. */
  weights: Record<string, StoredTensor> | null;
  /** What was taken over of them; null: they are random. */
  report: LoadReport | null;
  /** What there is to say of them beside that: empty, or why the best checkpoint was not to be had. */
  said: string;
}

/**
 * The run that `init` names, by its id, a unique prefix of that, or its name: one with the prefix `run:` always, one
 * without where no file is called so.
 */
function parentOf(store: Store, init: string): { run: Run; step: number | null } | null {
  const named = runOfInit(init);
  if (named) return { run: findRun(store, named.run), step: named.step };
  if (existsSync(init)) return null;
  try {
    return { run: findRun(store, init), step: null };
  } catch (cause) {
    if (!(cause instanceof AppError) || cause.code !== 'not_found') throw cause;
    throw new AppError(
      {
        code: 'not_found',
        what: `There is neither a file nor a run ${init}.`,
        why: '--init names it.',
        next: 'Give a run (see `efficienttrain runs`), the path of a safetensors or a PyTorch file of a timm model, or the folder of an export in that format.',
        action: { id: 'choose_weights' },
      },
      { cause },
    );
  }
}

/**
 * The run that a new run starts from; null where it starts from a file or from random weights. @throws AppError
 * not_found, ambiguous
 */
export const namedParent = (store: Store, init: string | null): Run | null =>
  init === null ? null : (parentOf(store, init)?.run ?? null);

/**
 * Finds what the configuration's `init` names, and whether it fits the model.
 * @param classes of the dataset  @throws AppError not_found, ambiguous, checkpoint_invalid, weights_mismatch
 */
export async function initialWeights(home: string, store: Store, config: RunConfig, classes: number): Promise<InitialWeights> {
  const { init, init_key } = config;
  if (init === null) return { config, parent: null, weights: null, report: null, said: '' };
  const model = modelOf(config, classes);
  const named = parentOf(store, init);
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

/** A run with what it starts from in its folder. */
export function createRunFrom(
  home: string,
  store: Store,
  { origin, plan }: Pick<NewRun, 'origin' | 'plan'>,
  { config, parent, weights }: InitialWeights,
): Run {
  const id = newRunId();
  const folder = runFolder(home, id);
  try {
    if (weights) {
      mkdirSync(folder, { recursive: true });
      writeSafetensors(join(folder, INIT_FILE), weights, { format: 'pt' });
    }
    return createRun(store, { id, config, origin, plan, parent });
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

/**
 * What a run's `init` leaves it to begin with. @param folder of the run  @throws AppError weights_mismatch, not_found
 */
export function frozenWeights(model: Model, init: string, key: string | null, folder: string): LoadedWeights {
  return loadTimmWeights(model, runOfInit(init) ? join(folder, INIT_FILE) : init, key);
}
