/**
 * The frequency study: the same training on images that are low-passed at several radii and on whole ones. All that it
 * knows is in the database: its runs carry its tag and are found by filter and seed, so that none is trained twice.
 */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { positionAt } from '../../../shared/curriculum/plan';
import { AppError } from '../../../shared/errors';
import type { FrequencyFilter, RunConfig } from '../../../shared/run-config';
import { isLive, type RunState } from '../../../shared/run-state';
import { curveOf, fitOf, leaves, type Fit, type StudyPoint } from '../../../shared/study/frequency';
import type { Progress } from '../../engine/train/protocol';
import { pointsOf } from '../../store/metrics';
import type { Store } from '../../store/open';
import { annotateRun } from '../../store/run-marks';
import { runSummaries } from '../../store/run-list';
import { createRun, reconcileRuns, runById, type Run } from '../../store/runs';
import type { ResolvedRun } from '../runs/configs';
import { trainAndFollow } from '../runs/training';

const TAG = 'frequency-study-';

/** Of a study: what its runs have in common decides it, so that more radii and seeds join those that are trained. */
export function studyId({ config }: Pick<ResolvedRun, 'config'>): string {
  const { engine: _engine, name: _name, seed: _seed, data, ...rest } = config;
  const { workers: _workers, prefetch_mb: _prefetch, filter: _filter, ...images } = data;
  return createHash('sha256')
    .update(JSON.stringify({ ...rest, data: images }))
    .digest('hex')
    .slice(0, 8);
}

/** One training of the study. */
export interface StudyRun {
  /** Null: the unfiltered baseline. */
  radius: number | null;
  run: Run;
}

const radiusOf = ({ config }: Run): number | null => config.data.filter?.radius ?? null;

/** The study's runs that are not in the trash, by radius and seed; the baseline's first. */
export function studyRuns(store: Store, id: string): StudyRun[] {
  return runSummaries(store)
    .filter(({ tags, trashed }) => tags.includes(TAG + id) && trashed === null)
    .map((summary) => runById(store, summary.id) as Run)
    .map((run) => ({ radius: radiusOf(run), run }))
    .sort((a, b) => (a.radius ?? -1) - (b.radius ?? -1) || a.run.config.seed - b.run.config.seed);
}

/** Ids of the studies that have runs, newest first. */
export const listStudies = (store: Store): string[] => [
  ...new Set(
    runSummaries(store)
      .filter(({ trashed }) => trashed === null)
      .flatMap(({ tags }) => tags.filter((tag) => tag.startsWith(TAG)).map((tag) => tag.slice(TAG.length))),
  ),
];

/** @throws AppError not_found, ambiguous */
export function findStudy(store: Store, reference: string): string {
  const found = listStudies(store).filter((id) => id.startsWith(reference));
  if (found.length === 1 && reference !== '') return found[0] as string;
  throw new AppError({
    code: found.length > 1 ? 'ambiguous' : 'not_found',
    what: found.length > 1 ? `${reference} means more than one study.` : `There is no study ${reference}.`,
    why: found.length > 1 ? `It fits ${found.join(', ')}.` : 'No study whose runs are here has this id.',
    next: 'Run `efficienttrain study list` to see them.',
  });
}

export interface StudyParts {
  home: string;
  store: Store;
  /** Of the unfiltered baseline. */
  base: ResolvedRun;
  radii: readonly number[];
  seeds: number;
  signal: AbortSignal;
  force: AbortSignal;
  onRun: (run: Run) => void;
  onProgress: (run: Run, progress: Progress) => void;
  onLog: (line: string) => void;
}

function configOf({ config }: ResolvedRun, id: string, filter: FrequencyFilter | null, seed: number): RunConfig {
  const what = filter === null ? 'unfiltered' : `radius ${filter.radius}`;
  return { ...config, seed, name: `study ${id} ${what} seed ${seed}`, data: { ...config.data, filter } };
}

/** The study's run of a radius and a seed, made where there is none, in one transaction. */
function runOf({ store, base }: StudyParts, id: string, radius: number | null, seed: number): Run {
  const filter: FrequencyFilter | null = radius === null ? null : { kind: 'low_pass', radius };
  return store.transaction(() => {
    const known = studyRuns(store, id).find((other) => other.radius === radius && other.run.config.seed === seed);
    if (known) return known.run;
    const origin = { ...base.origin, ...(filter && { 'data.filter': 'flag' as const }) };
    const run = createRun(store, { config: configOf(base, id, filter, seed), origin, plan: base.plan });
    annotateRun(store, run.id, { tags: [TAG + id] });
    return run;
  })();
}

const LOOK_MS = 200;

/** A run that another process trains is waited for. */
async function released(store: Store, id: string, signal: AbortSignal): Promise<Run> {
  for (;;) {
    reconcileRuns(store);
    const run = runById(store, id) as Run;
    if (!isLive(run.state) || signal.aborted) return run;
    await sleep(LOOK_MS);
  }
}

/** A training that diverged has said what it had to. */
const isOver = ({ state, error }: Run): boolean =>
  state === 'completed' || (state === 'failed' && error?.code === 'non_finite');

/**
 * Trains what is not trained yet, one run after the other; seeds come last, so that a first picture comes soon.
 * @returns whether all of them are trained @throws AppError where a run failed for another reason than divergence
 */
export async function runStudy(parts: StudyParts): Promise<boolean> {
  const { home, store, base, radii, seeds, signal, force, onRun, onProgress, onLog } = parts;
  const id = studyId(base);
  for (let index = 0; index < seeds; index++) {
    for (const radius of [null, ...radii]) {
      if (signal.aborted) return false;
      const run = await released(store, runOf(parts, id, radius, base.config.seed + index).id, signal);
      if (isOver(run)) continue;
      if (signal.aborted) return false;
      onRun(run);
      const ended = await trainAndFollow({
        ...{ home, run, signal, force, onLog },
        onProgress: (progress) => onProgress(run, progress),
      });
      if (isOver(ended)) continue;
      if (ended.error && ended.state === 'failed') throw new AppError(ended.error);
      return false;
    }
  }
  return true;
}

export interface StudyCurve {
  radius: number | null;
  runs: { id: string; seed: number; state: RunState }[];
  curve: StudyPoint[];
  /** Where it leaves the unfiltered one; null where it does not, and for that one itself. */
  leaves: Pick<StudyPoint, 'step' | 'progress'> | null;
}

export interface FrequencyReport {
  id: string;
  kind: 'frequency';
  dataset: string;
  model: string;
  size: number;
  equivalent_epochs: number;
  /** Validation images of an evaluation; null before the first. */
  images: number | null;
  curves: StudyCurve[];
  fit: Fit | null;
}

/** What has come of a study so far, from the runs that are completed. */
export function studyReport(store: Store, id: string): FrequencyReport {
  const runs = studyRuns(store, id);
  const [first] = runs;
  if (!first) throw new Error(`study ${id} has no runs`);
  const { config, plan } = first.run;
  const images = runs.flatMap(({ run }) => pointsOf(store, run.id, 'val/images').at(-1)?.value ?? [])[0] ?? null;
  const progressOf = (step: number): number => positionAt(plan, step).t;
  const measured = (run: Run) =>
    pointsOf(store, run.id, 'val/top1').flatMap(({ step, value }) => (value === null ? [] : [{ step, top1: value }]));
  const radii = [...new Set(runs.map(({ radius }) => radius))];
  const curves = radii.map((radius) => {
    const own = runs.filter((other) => other.radius === radius).map(({ run }) => run);
    const done = own.filter(({ state }) => state === 'completed').map(measured);
    return {
      radius,
      runs: own.map((run) => ({ id: run.id, seed: run.config.seed, state: run.state })),
      curve: images === null ? [] : curveOf(done, images, progressOf),
    };
  });
  const baseline = curves.find(({ radius }) => radius === null)?.curve ?? [];
  const left = curves.map((curve): StudyCurve => {
    const at = curve.radius === null ? null : leaves(curve.curve, baseline);
    return { ...curve, leaves: at && { step: at.step, progress: at.progress } };
  });
  return {
    ...{ id, kind: 'frequency', dataset: config.dataset, model: config.model, size: config.size },
    ...{ equivalent_epochs: config.schedule.equivalent_epochs, images, curves: left },
    fit: fitOf(
      left.flatMap(({ radius, leaves: at }) => (radius !== null && at ? [{ radius, progress: at.progress }] : [])),
    ),
  };
}
