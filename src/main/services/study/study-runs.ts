/** Makes the runs of a frequency study once each, queues them, and derives the study's state from theirs. */
import type { FrequencySpec } from '../../../shared/contract/studies';
import { buildPlan } from '../../../shared/curriculum/plan';
import type { FrequencyFilter, RunConfig } from '../../../shared/run-config';
import { isLive, type RunState } from '../../../shared/run-state';
import { modelEntry } from '../../engine/models';
import { findDataset } from '../../store/datasets';
import type { Store } from '../../store/open';
import { annotateRun, requeueRun } from '../../store/run-marks';
import { runSummaries } from '../../store/run-list';
import { createRun, runById, type Run } from '../../store/runs';
import { isWorkedOn, setStudyRun, studyRuns, type StoredStudy, type StudyRun } from '../../store/studies';
import { trainCount } from '../runs/configs';

const filterOf = (radius: number | null): FrequencyFilter | null =>
  radius === null ? null : { kind: 'low_pass', radius };

function configOf({ base }: FrequencySpec, id: string, radius: number | null, seed: number): RunConfig {
  const what = radius === null ? 'unfiltered' : `radius ${radius}`;
  const data = { ...base.data, filter: filterOf(radius) };
  return { ...base, seed, name: `study ${id} ${what} seed ${seed}`, data };
}

function createStudyRun(store: Store, { id, spec }: StoredStudy<FrequencySpec>, at: Omit<StudyRun, 'run'>): Run {
  const config = configOf(spec, id, at.radius, at.seed);
  const entry = modelEntry(config.model);
  const run = createRun(store, {
    config,
    origin: { ...spec.origin, ...(at.radius !== null && { 'data.filter': 'flag' as const }) },
    plan: buildPlan(config, trainCount(findDataset(store, config.dataset)), (size) => entry.macs(size)),
  });
  annotateRun(store, run.id, { tags: [`study-${id}`] });
  setStudyRun(store, id, at.radius, at.seed, run.id);
  return run;
}

export type MadeRun = StudyRun & { run: Run };

/** Returns the runs that have the study's tag, by which the version before found them. */
const taggedRuns = (store: Store, id: string): StudyRun[] =>
  runSummaries(store)
    .filter(({ tags, trashed }) => tags.includes(`frequency-study-${id}`) && trashed === null)
    .flatMap((summary) => {
      const run = runById(store, summary.id);
      return run ? [{ radius: run.config.data.filter?.radius ?? null, seed: run.config.seed, run }] : [];
    });

/** Returns the existing runs; those of the version before join the study when it is worked on for the first time. */
function knownRuns(store: Store, id: string): StudyRun[] {
  const known = studyRuns(store, id);
  if (known.length) return known;
  const tagged = taggedRuns(store, id);
  for (const { radius, seed, run } of tagged) if (run) setStudyRun(store, id, radius, seed, run.id);
  return tagged;
}

/**
 * Returns every run of the study in the order in which they are trained, and makes those that are missing or were
 * removed. Seeds come last, so that a first picture comes soon.
 */
export function madeRuns(store: Store, study: StoredStudy<FrequencySpec>): MadeRun[] {
  const { radii, seeds, base } = study.spec;
  return store.transaction(() => {
    const known = knownRuns(store, study.id);
    const wanted = Array.from({ length: seeds }, (_, index) =>
      [null, ...radii].map((radius) => ({ radius, seed: base.seed + index })),
    ).flat();
    return wanted.map((at): MadeRun => {
      const run = known.find(({ radius, seed }) => radius === at.radius && seed === at.seed)?.run;
      return { ...at, run: run ?? createStudyRun(store, study, at) };
    });
  })();
}

/** Says whether a run needs no more training: it is completed, or it has diverged, which is a result too. */
export const isOver = ({ state, error }: Pick<Run, 'state' | 'error'>): boolean =>
  state === 'completed' || (state === 'failed' && error?.code === 'non_finite');

/** Says whether the run has a place in the queue that the window's host works off. */
const waits = ({ state, queue_position }: Run): boolean =>
  queue_position !== null && (state === 'queued' || state === 'paused');

/** Says whether nobody will train the run unless it is resumed. */
export const isIdle = (run: Run): boolean => !isOver(run) && !isLive(run.state) && !waits(run);

/** Puts the runs that are neither trained, training nor waiting at the queue's end. */
export function queueRuns(store: Store, study: StoredStudy<FrequencySpec>): void {
  store.transaction(() => {
    for (const { run } of madeRuns(store, study)) if (isIdle(run)) requeueRun(store, run.id);
  })();
}

/** Derives a study's state from its runs and from the process that works on it. */
export function frequencyState(
  study: Pick<StoredStudy, 'request' | 'outcome' | 'trace'>,
  runs: readonly (Run | null)[],
): RunState {
  const found = runs.filter((run) => run !== null);
  const live = found.find(({ state }) => isLive(state));
  const working = isWorkedOn(study);
  if (working && study.request === 'stop') return 'stopping';
  if (live) return live.state;
  if (working) return 'queued';
  const waiting = found.filter(waits);
  if (waiting.length) return waiting.every(({ state }) => state === 'paused') ? 'paused' : 'queued';
  // Its process has not made the runs yet.
  if (!found.length && study.outcome === null && study.trace === null) return 'queued';
  const left = found.filter((run) => !isOver(run));
  if (!left.length && found.length === runs.length) return 'completed';
  if (study.outcome === 'failed' || left.some(({ state }) => state === 'failed')) return 'failed';
  if (study.outcome === 'stopped') return 'stopped';
  if (left.some(({ state }) => state === 'interrupted') || study.trace !== null) return 'interrupted';
  return 'stopped';
}
