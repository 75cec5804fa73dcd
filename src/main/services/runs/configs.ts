/** Turns a user's request into a frozen configuration and its plan. */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { ScheduleFile } from '../../../shared/contract/drafts';
import type { Plan } from '../../../shared/curriculum/plan';
import { bufferMbOf, freshImages, imagesHeld } from '../../../shared/curriculum/replay';
import { checkStages } from '../../../shared/curriculum/stages';
import { AppError } from '../../../shared/errors';
import type { ConfigOrigin, RunConfig } from '../../../shared/run-config';
import { flatten, resolveConfig, type ResolveInput } from '../../../shared/run-config-resolve';
import { scaledStages } from '../../../shared/schedule-editor/draft-config';
import { isUnlabelled } from '../../../shared/labels';
import { sumOf } from '../../../shared/tally';
import { modelEntry } from '../../engine/models';
import { findTask } from '../../engine/tasks';
import { checkBest } from '../../engine/train/best-of';
import { modelOf } from '../../engine/train/setup';
import type { Dataset } from '../../store/datasets';
import { refuseUnlabelled } from '../datasets/refuse-unlabelled';
import { planOf } from './plan-of';
import { keepsStageEnds } from './stage-ends';
import { withFrozenTeacher, type TeacherSource } from './teacher';

export interface RunRequest {
  dataset: Dataset;
  /** Where a teacher is searched for; without it, the run can't have one. */
  teachers?: TeacherSource;
  model: string;
  preset?: string | undefined;
  /** One of the user's own presets, scaled to the run's final size; it replaces a preset's stages. */
  ownPreset?: ScheduleFile | undefined;
  /** The preset where none is requested; by default the task's, or the model's. */
  usualPreset?: string | undefined;
  /** Values by dotted path. An undefined value leaves the field to the layers below. */
  flags: Record<string, unknown>;
  /** A configuration whose values apply where no other layer sets any; the file has precedence over it. */
  base?: Partial<RunConfig>;
  configFile?: string;
  set: readonly string[];
}

export interface ResolvedRun {
  config: RunConfig;
  origin: ConfigOrigin;
  plan: Plan;
}

export const trainCount = ({ record }: Dataset): number => sumOf(record.counts['train']);

function readConfig(path: string): Record<string, unknown> {
  const refused = (why: string, cause?: unknown): AppError =>
    new AppError(
      {
        code: 'invalid_config',
        what: `The configuration file ${path} can't be read.`,
        why,
        next: 'Give a JSON object, such as `run.config` of `efficienttrain show RUN --json`.',
      },
      { cause },
    );
  let fields: unknown;
  try {
    fields = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw refused((cause as Error).message, cause);
  }
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) throw refused('It holds no JSON object.');
  return fields as Record<string, unknown>;
}

function refuseOneClass({ name, root, classes }: Dataset): void {
  if (classes.length > 1) return;
  throw new AppError({
    code: 'bad_dataset',
    what: `Dataset ${name} has one class, ${classes[0]}.`,
    why: 'A classifier needs at least two classes.',
    next: `Import a folder that holds one folder per class: one in or above ${root}, perhaps.`,
  });
}

/** k-NN classifies labelled images of val. Without them no checkpoint would ever be the best. */
function refuseUnmeasuredBest({ eval: { best } }: RunConfig, dataset: Dataset): void {
  if (best !== 'val/knn_top1' || (!isUnlabelled(dataset) && sumOf(dataset.record.counts['val']) > 0)) return;
  throw new AppError({
    code: 'invalid_config',
    what: `eval.best can't be ${best} on dataset ${dataset.name}.`,
    why: `It has no ${isUnlabelled(dataset) ? 'labels' : 'val images'}, so no k-NN accuracy is measured.`,
    next: 'Set eval.best to null, or choose a dataset with classes and a val split.',
  });
}

/** Adds an own preset; flags and --set have precedence over it, as over any other preset. */
function withOwnPreset(request: ResolveInput, own: ScheduleFile): ResolveInput {
  const { size } = resolveConfig(request).config;
  const { share_of, lr_progress, adaptive = null } = own;
  const fields = { 'schedule.stages': scaledStages(own, size, request.model.sizes), 'schedule.share_of': share_of };
  const borders = adaptive && { 'schedule.adaptive': adaptive };
  const progress = lr_progress === undefined ? {} : { 'optimizer.lr_progress': lr_progress };
  return { ...request, flags: { ...fields, ...progress, ...borders, ...request.flags } };
}

/** The replay buffer must hold a whole fresh batch. */
function refuseSmallBuffer({ schedule, data, replay, size }: RunConfig): void {
  const held = imagesHeld(replay.buffer_mb, size);
  for (const [index, { batch, replay_times }] of schedule.stages.entries()) {
    const fresh = freshImages(batch ?? data.batch, replay_times);
    if (replay_times === 1 || held >= fresh) continue;
    throw new AppError({
      code: 'invalid_config',
      what: `replay.buffer_mb=${replay.buffer_mb} is too small for stage ${index + 1}.`,
      why: `It holds ${held} images of ${size} px, and a batch of this stage has ${fresh} fresh ones.`,
      next: `Set replay.buffer_mb to at least ${Math.ceil(bufferMbOf(fresh, size))}, or replay_times of the stage to 1.`,
    });
  }
}

function refuseTeacher(): never {
  throw new AppError({
    code: 'invalid_config',
    what: "A teacher can't be used here.",
    why: 'Only a single run is distilled.',
    next: 'Leave distillation out, or use train --teacher.',
  });
}

/**
 * Resolves a request, checks it against the dataset, and plans it.
 * @throws AppError bad_dataset, invalid_config, invalid_stage, not_found, ambiguous
 */
export function resolveRun({
  dataset,
  teachers,
  model,
  preset,
  ownPreset,
  usualPreset,
  flags,
  base,
  configFile,
  set,
}: RunRequest): ResolvedRun {
  const entry = modelEntry(model);
  const request = {
    ...{ dataset: dataset.id, model: entry, usualPreset, flags, set },
    ...(preset === undefined ? {} : { preset }),
    file: { ...flatten(base ?? {}), ...(configFile === undefined ? {} : flatten(readConfig(configFile))) },
  };
  const { config: asked, origin } = ownPreset
    ? resolveConfig(withOwnPreset(request, ownPreset))
    : resolveConfig(request);
  if (asked.distillation !== null && !teachers) refuseTeacher();
  const config = teachers ? withFrozenTeacher(teachers, asked, dataset) : asked;
  if (findTask(config.task).needsLabels) {
    refuseUnlabelled(dataset, true);
    refuseOneClass(dataset);
  }
  const batches = { batch: config.data.batch, parts: config.optimizer.grad_accum_steps };
  checkStages(config.schedule, config.size, entry.sizes, batches);
  refuseSmallBuffer(config);
  modelOf(config, dataset.classes.length);
  checkBest(config);
  refuseUnmeasuredBest(config, dataset);
  const plan = planOf(config, trainCount(dataset));
  const { checkpoint, engine } = config;
  const chosen = origin['checkpoint.stage_ends'] !== undefined;
  const frozen: RunConfig = {
    ...config,
    checkpoint: {
      ...checkpoint,
      stage_ends: chosen ? checkpoint.stage_ends : keepsStageEnds(config, dataset.classes.length, plan),
    },
    // The number of threads is frozen with the run, because bits depend on it.
    engine: { ...engine, intra_op_threads: engine.intra_op_threads ?? availableParallelism() },
  };
  return { config: frozen, origin, plan };
}
