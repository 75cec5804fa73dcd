/**
 * Makes one trial: its run, the run that fine-tunes it, and their result. Each run is made once, and resumed after an
 * interruption.
 */
import { ownEquivalentEpochs } from '../../../shared/curriculum/branch';
import { AppError } from '../../../shared/errors';
import type { SearchSpec } from '../../../shared/contract/searches';
import type { RunConfig } from '../../../shared/run-config';
import type { Schedule } from '../../../shared/search/problem';
import type { Progress } from '../../engine/train/protocol';
import { modelEntry } from '../../engine/models';
import { buildPlan } from '../../../shared/curriculum/plan';
import { findDataset } from '../../store/datasets';
import type { Store } from '../../store/open';
import { annotateRun, trashRuns } from '../../store/run-marks';
import { createRun, runById, type Run } from '../../store/runs';
import { addTrialSeconds, finishTrial, setTrialRun, trialsOf, type TrialRow } from '../../store/search-trials';
import { summaryOf } from '../../store/summary';
import { createBranch } from '../runs/branch';
import { trainCount } from '../runs/configs';
import { trainToEnd } from '../runs/train-to-end';
import { branchFor } from './known-trials';
import { baselineConfig, finetuneConfig, trialConfig } from './trial-config';

export interface TrialParts {
  home: string;
  store: Store;
  search: { id: string; name: string; spec: SearchSpec };
  /** Aborted: its trainer saves a checkpoint and ends. */
  signal: AbortSignal;
  force: AbortSignal;
  onProgress: (trial: TrialRow, run: Run, progress: Progress) => void;
  onLog: (line: string) => void;
}

/** Is thrown where a run of the search did not end by itself. */
export class TrialEnded extends Error {
  constructor(readonly run: Run) {
    super(`run ${run.name} is ${run.state}`);
  }
}

/** Says whether a run needs no more training: it is completed, or it has diverged, which is a result too. */
const isOver = ({ state, error }: Run): boolean =>
  state === 'completed' || (state === 'failed' && error?.code === 'non_finite');

/** Trains a run to its end. @throws TrialEnded where it was stopped, AppError trainer_lost */
async function trained(parts: TrialParts, trial: TrialRow, id: string): Promise<Run> {
  const { home, store, search, signal, force, onProgress, onLog } = parts;
  let began: number | null = null;
  const onStart = ({ trashed }: Run): void => {
    if (trashed !== null) trashRuns(store, [id], false);
    began ??= performance.now();
  };
  try {
    const options = { home, store, signal, force, onLog, onStart };
    const ended = await trainToEnd(
      { ...options, onProgress: (run, progress) => onProgress(trial, run, progress) },
      id,
      isOver,
    );
    if (isOver(ended)) return ended;
    if (ended.state === 'failed' && ended.error) throw new AppError(ended.error);
    throw new TrialEnded(ended);
  } finally {
    if (began !== null) addTrialSeconds(store, search.id, trial.number, (performance.now() - began) / 1000);
  }
}

/** Makes a run of the search, and records it with its trial in the same transaction. */
async function made({ home, store, search }: TrialParts, config: RunConfig, note: (run: Run) => void): Promise<Run> {
  const { spec, name } = search;
  const origin = { ...spec.origin, 'schedule.stages': 'flag' as const };
  const entry = modelEntry(config.model);
  const dataset = findDataset(store, config.dataset);
  const plan = buildPlan(config, trainCount(dataset), (size) => entry.macs(size));
  const noted = (run: Run): void => {
    annotateRun(store, run.id, { tags: [name] });
    note(run);
  };
  if (config.branch !== null) return createBranch(home, store, { config, origin, plan }, noted);
  return store.transaction(() => {
    const run = createRun(store, { config, origin, plan });
    noted(run);
    return run;
  })();
}

/** Returns the run that trains the trial's stages; one that was removed is made again. */
async function runOf(parts: TrialParts, trial: TrialRow): Promise<Run> {
  const { home, store, search } = parts;
  const known = trial.run === null ? null : runById(store, trial.run);
  if (known) return known;
  const { subject, seed } = trial;
  const config =
    subject === null
      ? baselineConfig(search.spec, search.name, seed)
      : {
          ...trialConfig(search.spec, search.name, subject, seed),
          branch: branchFor(home, store, trialsOf(store, search.id), { subject, seed }),
        };
  return made(parts, config, (run) =>
    setTrialRun(store, search.id, trial.number, {
      ...{ run: run.id, steps: run.steps - run.step, cost: ownEquivalentEpochs(run) },
    }),
  );
}

/** Returns the run that fine-tunes the result of the trial's stages. */
async function finetuneOf(parts: TrialParts, trial: TrialRow, run: Run, subject: Schedule): Promise<Run> {
  const { store, search } = parts;
  const known = trial.finetune === null ? null : runById(store, trial.finetune);
  if (known) return known;
  const config = {
    ...finetuneConfig(search.spec, search.name, subject, trial.seed),
    branch: `${run.id}@${subject.length}`,
  };
  return made(parts, config, (finetune) =>
    setTrialRun(store, search.id, trial.number, {
      ...{ finetune: finetune.id, cost: ownEquivalentEpochs(run) + ownEquivalentEpochs(finetune) },
    }),
  );
}

/**
 * Returns the accuracy at a run's end, and the number of images that it was measured on. @throws AppError internal
 * where there is none
 */
function accuracyOf(store: Store, run: Run): { top1: number; n: number } {
  const [top1, n] = ['val/top1', 'val/images'].map((name) => summaryOf(store, run.id, name)?.last);
  if (top1 !== undefined && n !== undefined) return { top1, n };
  throw new AppError({
    code: 'internal',
    what: `Run ${run.name} has no accuracy.`,
    why: 'It ended without an evaluation, perhaps because no validation image could be read.',
    next: `See its events: efficienttrain show ${run.id}.`,
    action: { id: 'trial_log' },
  });
}

/** Makes a trial, or what is left of it. @throws TrialEnded, AppError */
export async function runTrial(parts: TrialParts, trial: TrialRow): Promise<void> {
  const { store, search } = parts;
  const { subject, number } = trial;
  let run = await trained(parts, trial, (await runOf(parts, trial)).id);
  if (run.state === 'completed' && subject !== null && search.spec.finetune_epochs > 0) {
    const finetune = await finetuneOf(parts, trial, run, subject);
    run = await trained(parts, trial, finetune.id);
  }
  const diverged = run.state !== 'completed';
  // Without a baseline there is nothing to compare with.
  if (diverged && subject === null && run.error) throw new AppError(run.error);
  finishTrial(store, search.id, number, diverged ? null : accuracyOf(store, run));
}
