/** Turns a user's request into a study; everything that decides its runs is frozen here. */
import { createHash } from 'node:crypto';
import type {
  CheckpointsRequest,
  CheckpointsSpec,
  FrequencyRequest,
  FrequencySpec,
  StudySpec,
} from '../../../shared/contract/studies';
import { AppError } from '../../../shared/errors';
import { withLaterFields, type RunConfig } from '../../../shared/run-config';
import { flatten } from '../../../shared/run-config-resolve';
import { findTask } from '../../engine/tasks';
import type { Dataset } from '../../store/datasets';
import type { Store } from '../../store/open';
import { findRun } from '../../store/runs';
import { saveStudy, studyById } from '../../store/studies';
import { refuseNoValidation } from '../datasets/refuse-no-validation';
import { resolveRun } from '../runs/configs';

/** A sixteenth, an eighth and a quarter of the side; the last keeps half of the frequencies along an axis. */
export const usualRadii = (size: number): number[] => [16, 8, 4].map((part) => size / part);

const ascending = (radii: readonly number[]): number[] => [...new Set(radii)].sort((a, b) => a - b);

const hashOf = (what: unknown): string => createHash('sha256').update(JSON.stringify(what)).digest('hex').slice(0, 8);

/**
 * Returns a study's id. It depends only on what its runs have in common, so that new radii and seeds join the trained
 * ones.
 */
function frequencyId({ engine: _engine, name: _name, seed: _seed, data, ...rest }: RunConfig): string {
  const { workers: _workers, prefetch_mb: _prefetch, filter: _filter, ...images } = data;
  // No study has an adaptive schedule. Leaving the field out keeps the ids of studies of versions without it.
  const { adaptive: _adaptive, ...schedule } = rest.schedule;
  // Versions before began the warm-up at 1e-6 by default; their studies keep their ids, and their runs' warm-up.
  const optimizer = { ...rest.optimizer, warmup_lr: rest.optimizer.warmup_lr || 1e-6 };
  // The order of the fields counts: these are overwritten where they are.
  return hashOf({ ...rest, optimizer, schedule, data: images });
}

const idOf = (spec: StudySpec): string => (spec.kind === 'frequency' ? frequencyId(spec.base) : hashOf(spec));

/** A study decides these fields for each of its runs. */
const OWN = /^(data\.filter|init|branch|distillation|name|seed)\b/;

export interface FrequencySources {
  dataset: Dataset;
  request: FrequencyRequest;
  /** Texts of --set. */
  set?: readonly string[];
  /** Fields of the machine's settings; all other layers have precedence. */
  machine?: Record<string, unknown>;
}

/** Resolves a request and checks it. @throws AppError usage, bad_dataset, invalid_config, invalid_stage */
export function frequencySpec({ dataset, request, set = [], machine = {} }: FrequencySources): FrequencySpec {
  const own = [...set, ...Object.keys(request.overrides)].find((text) => OWN.test(text));
  if (own !== undefined)
    throw new AppError({
      ...{ code: 'usage', what: `A study can't be given ${own}.`, why: 'It decides it for each of its runs.' },
      next: 'Leave it out.',
    });
  const { config, origin } = resolveRun({
    ...{ dataset, model: request.model, preset: 'constant', set },
    flags: {
      ...{ ...machine, ...request.overrides, size: request.size ?? undefined },
      ...{ 'data.batch': request.batch ?? undefined, 'schedule.equivalent_epochs': request.epochs ?? undefined },
    },
  });
  if (config.task !== 'classify')
    throw new AppError({
      ...{ code: 'usage', what: `A study can't compare runs of the task ${config.task}.` },
      why: 'It compares top-1 accuracies of networks that are trained whole.',
      next: 'Name a classifier, and leave the task out.',
    });
  refuseNoValidation(dataset, 'A study');
  if (config.schedule.adaptive)
    throw new AppError({
      ...{ code: 'usage', what: "A study's schedule can't be adaptive." },
      ...{
        why: 'Its runs are compared stage by stage.',
        next: 'Name another preset, or set schedule.adaptive to null.',
      },
    });
  const radii = ascending(request.radii ?? usualRadii(config.size));
  return { kind: 'frequency', radii, seeds: request.seeds, base: config, origin };
}

/** Resolves a request for a study of a run's checkpoints. @throws AppError not_found, ambiguous, invalid_config */
export function checkpointsSpec(store: Store, { run: reference, radii, ...rest }: CheckpointsRequest): CheckpointsSpec {
  const { id, name, config } = findRun(store, reference);
  if (!findTask(config.task).needsLabels)
    throw new AppError({
      ...{ code: 'invalid_config', what: `The checkpoints of run ${name} can't be studied.` },
      ...{ why: `Its task ${config.task} has no accuracy.`, next: 'Name a run that classifies.' },
    });
  return { ...rest, run: id, radii: ascending(radii ?? usualRadii(config.size)) };
}

/** Fields that a study's id leaves out or takes for another: its runs have them as the first of them. */
const FROZEN = /^(engine\b|data\.(workers|prefetch_mb)\b|optimizer\.warmup_lr$)/;

/**
 * Refuses fields that were set for a study that exists with other values: its runs would not have them.
 * @param set texts of --set
 * @throws AppError usage
 */
export function refuseFrozen(store: Store, spec: StudySpec, set: readonly string[]): void {
  const id = idOf(spec);
  const known = studyById(store, id)?.spec;
  if (known?.kind !== 'frequency' || spec.kind !== 'frequency') return;
  const [frozen, asked] = [flatten(withLaterFields(known.base)), flatten(spec.base)];
  const other = Object.keys(asked).find(
    (path) =>
      FROZEN.test(path) &&
      set.some((text) => path === text.slice(0, text.indexOf('='))) &&
      JSON.stringify(asked[path]) !== JSON.stringify(frozen[path]),
  );
  if (other === undefined) return;
  throw new AppError({
    ...{ code: 'usage', what: `${other} can't be set for study ${id}.` },
    why: `The study exists, and its runs have ${JSON.stringify(frozen[other])}.`,
    next: 'Leave it out, or remove the study first.',
  });
}

/** Stores a study. Where the same study exists, new radii and seeds join it. @returns its id */
export function openStudy(store: Store, spec: StudySpec): string {
  const id = idOf(spec);
  const known = studyById(store, id)?.spec;
  if (known?.kind !== 'frequency' || spec.kind !== 'frequency') saveStudy(store, id, spec);
  else {
    const radii = ascending([...known.radii, ...spec.radii]);
    saveStudy(store, id, { ...known, radii, seeds: Math.max(known.seeds, spec.seeds) });
  }
  return id;
}
