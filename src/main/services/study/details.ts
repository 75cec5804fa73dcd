/** Describes a study for hosts: every number that is drawn, its state, and what is left to do. */
import { dirname } from 'node:path';
import type {
  CheckpointsSpec,
  CheckpointsStudy,
  FrequencySpec,
  FrequencyStudy,
  StudyDetails,
  StudySummary,
} from '../../../shared/contract/studies';
import { positionAt } from '../../../shared/curriculum/plan';
import { isLive, shownState, type RunState } from '../../../shared/run-state';
import { curveOf, fitOf, leaves } from '../../../shared/study/frequency';
import { viewsOf } from '../../../shared/study/views';
import { listDatasets } from '../../store/datasets';
import { pointsOf } from '../../store/metrics';
import type { Store } from '../../store/open';
import { runById, type Run } from '../../store/runs';
import { isWorkedOn, studyCheckpoints, studyRuns, type StoredStudy, type StudyRun } from '../../store/studies';
import { checkpointSteps } from './checkpoint-steps';
import { frequencyState, isIdle, isOver } from './study-runs';

type Known = Omit<StudyRun, 'run'> & { run: Run };

const isKnown = (of: StudyRun): of is Known => of.run !== null;

/** Returns the number of runs that the study needs: one for each radius and seed. */
const wantedRuns = ({ radii, seeds }: FrequencySpec): number => (radii.length + 1) * seeds;

const allRuns = ({ spec }: StoredStudy<FrequencySpec>, runs: readonly StudyRun[]): (Run | null)[] => [
  ...runs.map(({ run }) => run),
  ...Array<null>(Math.max(wantedRuns(spec) - runs.length, 0)).fill(null),
];

const measured = (store: Store, run: Run) =>
  pointsOf(store, run.id, 'val/top1').flatMap(({ step, value }) => (value === null ? [] : [{ step, top1: value }]));

/** Returns the results so far, from the runs that are completed. */
export function frequencyStudy(store: Store, study: StoredStudy<FrequencySpec>): FrequencyStudy {
  const { base, radii, seeds } = study.spec;
  const runs = studyRuns(store, study.id);
  const known = runs.filter(isKnown);
  const images = known.flatMap(({ run }) => pointsOf(store, run.id, 'val/images').at(-1)?.value ?? [])[0] ?? null;
  const curves = [null, ...radii].map((radius) => {
    const own = known.filter((other) => other.radius === radius).map(({ run }) => run);
    const done = own.filter(({ state }) => state === 'completed');
    const plan = done[0]?.plan;
    const progressOf = (step: number): number => (plan ? positionAt(plan, step).t : 0);
    return {
      radius,
      runs: own.map((run) => ({ id: run.id, seed: run.config.seed, state: shownState(run) })),
      curve:
        images === null
          ? []
          : curveOf(
              done.map((run) => measured(store, run)),
              images,
              progressOf,
            ),
    };
  });
  const baseline = curves.find(({ radius }) => radius === null)?.curve ?? [];
  const left = curves.map((curve) => {
    const at = curve.radius === null ? null : leaves(curve.curve, baseline);
    return { ...curve, leaves: at && { step: at.step, progress: at.progress } };
  });
  return {
    ...{ id: study.id, kind: 'frequency', state: frequencyState(study, allRuns(study, runs)) },
    ...{ dataset: base.dataset, model: base.model, size: base.size, radii, seeds },
    ...{ equivalent_epochs: base.schedule.equivalent_epochs, images, curves: left },
    fit: fitOf(
      left.flatMap(({ radius, leaves: at }) => (radius !== null && at ? [{ radius, progress: at.progress }] : [])),
    ),
  };
}

/** Returns the state of a study of checkpoints, which its process records; it is queued until that has begun. */
function checkpointsState(study: StoredStudy): RunState {
  if (isWorkedOn(study)) return study.request === 'stop' ? 'stopping' : 'running';
  return study.outcome ?? (study.trace === null ? 'queued' : 'interrupted');
}

export function checkpointsStudy(store: Store, study: StoredStudy<CheckpointsSpec>): CheckpointsStudy {
  const { run, radii } = study.spec;
  const stored = studyCheckpoints(store, study.id);
  return {
    ...{ id: study.id, kind: 'checkpoints', state: checkpointsState(study), run, radii },
    ...{ weights: stored[0]?.weights ?? null, images: stored[0]?.images ?? null },
    views: viewsOf(radii).map(({ id }) => id),
    checkpoints: stored.map(({ step, progress, stage, views }) => ({ step, progress, stage, views })),
  };
}

export const isFrequency = (study: StoredStudy): study is StoredStudy<FrequencySpec> => study.spec.kind === 'frequency';

const datasetName = (store: Store, id: string | undefined): string | null =>
  listDatasets(store).find((dataset) => dataset.id === id)?.name ?? null;

function frequencyDetails(store: Store, study: StoredStudy<FrequencySpec>): StudyDetails {
  const runs = allRuns(study, studyRuns(store, study.id));
  const report = frequencyStudy(store, study);
  const found = runs.filter((run) => run !== null);
  const [done, live] = [found.filter(isOver).length, found.find(({ state }) => isLive(state))];
  const failed = found.find((run) => run.state === 'failed' && !isOver(run));
  return {
    ...{ study: report, created: study.created, dataset_name: datasetName(store, study.spec.base.dataset), run: null },
    error: study.error ?? failed?.error ?? null,
    progress: {
      ...{ done, total: runs.length, live_run: live?.id ?? null },
      share: (done + (live ? live.step / Math.max(live.steps, 1) : 0)) / runs.length,
      resumable: !isWorkedOn(study) && runs.some((run) => run === null || isIdle(run)),
    },
  };
}

const checkpointsTotal = (
  store: Store,
  { id, spec }: StoredStudy<CheckpointsSpec>,
): { done: number; total: number } => {
  const done = new Set(studyCheckpoints(store, id).map(({ step }) => step));
  const steps = new Set([...checkpointSteps(dirname(store.name), spec.run), ...done]);
  return { done: done.size, total: steps.size };
};

function checkpointsDetails(store: Store, study: StoredStudy<CheckpointsSpec>): StudyDetails {
  const report = checkpointsStudy(store, study);
  const run = runById(store, study.spec.run);
  const { done, total } = checkpointsTotal(store, study);
  return {
    ...{ study: report, created: study.created, dataset_name: datasetName(store, run?.config.dataset) },
    run: run && {
      ...{ name: run.name, model: run.config.model },
      equivalent_epochs: run.config.schedule.equivalent_epochs,
    },
    error: study.error,
    progress: {
      ...{ done, total, share: total > 0 ? done / total : 0, live_run: null },
      resumable: !isLive(report.state) && (report.state !== 'completed' || done < total),
    },
  };
}

export const studyDetails = (store: Store, study: StoredStudy): StudyDetails =>
  isFrequency(study)
    ? frequencyDetails(store, study)
    : checkpointsDetails(store, study as StoredStudy<CheckpointsSpec>);

export function studySummary(store: Store, study: StoredStudy): StudySummary {
  const { id, created } = study;
  if (isFrequency(study)) {
    const { base, radii, seeds } = study.spec;
    const runs = allRuns(study, studyRuns(store, id));
    return {
      ...{ id, kind: 'frequency', state: frequencyState(study, runs), created, radii, seeds, run_name: null },
      ...{ model: base.model, dataset_name: datasetName(store, base.dataset) },
      ...{ done: runs.filter((run) => run !== null && isOver(run)).length, total: runs.length },
    };
  }
  const other = study as StoredStudy<CheckpointsSpec>;
  const run = runById(store, other.spec.run);
  return {
    ...{ id, kind: 'checkpoints', state: checkpointsState(study), created, radii: other.spec.radii, seeds: 1 },
    ...{ model: run?.config.model ?? null, dataset_name: datasetName(store, run?.config.dataset) },
    ...{ run_name: run?.name ?? null, ...checkpointsTotal(store, other) },
  };
}
