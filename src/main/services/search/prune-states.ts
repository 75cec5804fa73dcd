/**
 * Removes the checkpoints of a search's trials that no later trial can branch from. Those at the end of the best trial
 * so far are kept, and so are the baseline's.
 */
import { rmSync } from 'node:fs';
import { isLive } from '../../../shared/run-state';
import { neededStates, type TrainedState } from '../../../shared/search/needed';
import { commonStages } from '../../../shared/search/price';
import type { Next, Problem, Schedule } from '../../../shared/search/problem';
import { runFolder } from '../../base/home';
import { listCheckpoints } from '../../engine/train/checkpoint';
import { forgetCheckpoints } from '../../store/checkpoints';
import { addEvent } from '../../store/events';
import type { Store } from '../../store/open';
import { runById, type Run } from '../../store/runs';
import type { TrialRow } from '../../store/search-trials';
import { branchFolder } from '../runs/branch';

interface MeasuredTrial extends TrialRow {
  subject: Schedule;
}

interface StageEnd extends TrainedState {
  run: string;
  step: number;
}

/** Returns the ends of the stages that a trial's run has trained itself and whose states exist. */
function stageEnds(home: string, { subject, seed }: MeasuredTrial, { id, plan }: Run): StageEnd[] {
  const steps = new Set(listCheckpoints(runFolder(home, id)).map(({ step }) => step));
  return subject.flatMap((_, stage) => {
    const own = plan.stages[stage];
    const step = own && own.first_step + own.steps;
    return step !== undefined && steps.has(step)
      ? [{ run: id, step, beginning: subject.slice(0, stage + 1), seed }]
      : [];
  });
}

/** Returns the measured trials, one a seed, that share the most stages with the chosen schedule. */
function bestTrials(trials: readonly MeasuredTrial[], chosen: Schedule | null): MeasuredTrial[] {
  const on = trials.filter(({ subject }) => chosen && commonStages(subject, chosen) === subject.length);
  const most = Math.max(0, ...on.map(({ subject }) => subject.length));
  return on.filter(({ subject }) => subject.length === most);
}

/** Removes all checkpoints except those of some steps. @returns whether there were others */
function keepOnly(home: string, store: Store, run: Run, steps: ReadonlySet<number>): boolean {
  const folder = runFolder(home, run.id);
  const others = listCheckpoints(folder).filter(({ step }) => !steps.has(step));
  for (const { folder: path } of others) rmSync(path, { recursive: true, force: true });
  // The run is trained, so it no longer needs the state that it began with.
  rmSync(branchFolder(folder), { recursive: true, force: true });
  forgetCheckpoints(
    store,
    run.id,
    others.map(({ step }) => step),
  );
  return others.length > 0;
}

/** @param next the search's next trials after those so far */
export function pruneStates(
  home: string,
  store: Store,
  { problem, name }: { problem: Problem; name: string },
  trials: readonly TrialRow[],
  next: Next,
): void {
  const done = trials.filter(
    (trial): trial is MeasuredTrial => trial.subject !== null && trial.state !== 'open' && trial.run !== null,
  );
  const present = done.map((trial) => ({ trial, run: runById(store, trial.run as string) }));
  const ends = present.flatMap(({ trial, run }) => (run ? stageEnds(home, trial, run) : []));
  const needed = neededStates(problem, next, ends);
  const best = bestTrials(done, next.chosen);
  for (const { trial, run } of present) {
    const finetune = trial.finetune === null ? null : runById(store, trial.finetune);
    for (const own of [run, finetune]) {
      if (!own || isLive(own.state)) continue;
      const kept = needed.filter((state) => state.run === own.id).map(({ step }) => step);
      const isBest = best.includes(trial) && own === (finetune ?? run);
      if (!keepOnly(home, store, own, new Set(isBest ? [...kept, own.steps] : kept))) continue;
      const message = `Checkpoints that no later trial of the search ${name} needs were removed.`;
      addEvent(store, own.id, { step: own.step, kind: 'search_pruned', message });
    }
  }
}
