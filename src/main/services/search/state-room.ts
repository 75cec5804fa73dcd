/** Computes the disk space for the states of a search's trials, and whether the disk has it. */
import { statfsSync } from 'node:fs';
import { keptCheckpoints } from '../../../shared/curriculum/kept-checkpoints';
import { buildPlan } from '../../../shared/curriculum/plan';
import type { SearchSpec } from '../../../shared/contract/searches';
import { AppError } from '../../../shared/errors';
import type { RunConfig } from '../../../shared/run-config';
import { mostNeeded } from '../../../shared/search/needed';
import { makePrivateHome } from '../../base/private-home';
import { runFolder } from '../../base/home';
import { listCheckpoints } from '../../engine/train/checkpoint';
import type { Dataset } from '../../store/datasets';
import type { Store } from '../../store/open';
import { trialsOf } from '../../store/search-trials';
import { stateBytes } from '../preflight/state-bytes';
import { trainCount } from '../runs/configs';
import { finetuneConfig, problemOf, trialConfig } from './trial-config';

export interface StateRoom {
  /** Largest number of states at once. */
  states: number;
  /** Bytes of one state. */
  state_bytes: number;
  /** Bytes that are still to be written, and free bytes of the disk. */
  needed: number;
  free: number;
}

/** Returns the number of checkpoints of a run while it trains, including one that is being written. */
const whileTraining = (config: RunConfig): number => keptCheckpoints(config) + 1;

/**
 * Returns the largest number of states at once. Between trials these are the states from which later trials branch, of
 * each seed, the baseline's and the best trial's; while a trial trains, its own are added.
 */
export function statesAtOnce(spec: SearchSpec): number {
  const whole = Array<number>(spec.stages).fill(spec.base.size);
  const training = whileTraining(trialConfig(spec, '', whole, 0));
  const finetuning = spec.finetune_epochs > 0 ? whileTraining(finetuneConfig(spec, '', whole, 0)) : 0;
  return spec.max_seeds * (mostNeeded(problemOf(spec)) + 2) + training + finetuning;
}

/** Counts the states that runs of a search already have on the disk. */
const statesHeld = (home: string, store: Store, search: string): number =>
  trialsOf(store, search)
    .flatMap(({ run, finetune }) => [run, finetune])
    .reduce((sum, id) => sum + (id === null ? 0 : listCheckpoints(runFolder(home, id)).length), 0);

/** Computes the space. @param search one that has begun; null before */
export function stateRoom(
  home: string,
  store: Store,
  { spec, dataset, search }: { spec: SearchSpec; dataset: Dataset; search: string | null },
): StateRoom {
  makePrivateHome(home);
  const { base, stages } = spec;
  const config = trialConfig(spec, '', Array<number>(stages).fill(base.size), 0);
  const state_bytes = stateBytes(
    config,
    dataset.classes.length,
    buildPlan(config, trainCount(dataset), () => 0),
  );
  const states = statesAtOnce(spec);
  const { bavail, bsize } = statfsSync(home);
  const held = search === null ? 0 : statesHeld(home, store, search);
  return { states, state_bytes, needed: Math.max(states - held, 0) * state_bytes, free: bavail * bsize };
}

const inGb = (bytes: number): string => `${(bytes / 1e9).toPrecision(3)} GB`;

/** Checks the space. @throws AppError disk_full where the states do not fit */
export function refuseFullDisk({ states, state_bytes, needed, free }: StateRoom): void {
  if (needed <= free) return;
  throw new AppError({
    code: 'disk_full',
    what: 'The states of this search do not fit on the disk.',
    why: `It holds at most ${states} at once, ${inGb(state_bytes)} each: it needs ${inGb(needed)} more, and ${inGb(free)} are free.`,
    next: 'Use fewer --candidates, --max-seeds or --stages, a smaller --model, or a data folder on a larger disk (--home).',
    action: { id: 'smaller_search' },
  });
}
