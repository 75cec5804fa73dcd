/**
 * The teacher of a run that learns from another network's answers. Its identity is frozen in the configuration before
 * the run's plan is made, and its weights are kept in the run's own folder, so that their source may be removed.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { AppError } from '../../../shared/errors';
import { runOfInit } from '../../../shared/run-init';
import type { DistillationConfig, RunConfig } from '../../../shared/run-config';
import { MANIFEST_FILE, readManifest } from '../../engine/export/manifest';
import { modelEntry } from '../../engine/models';
import { teacherName, teacherOf } from '../../engine/tasks/distillation/teacher';
import { loadTimmWeights, takeWeights, type LoadedWeights } from '../../engine/weights/load-timm';
import { tensorsOf } from '../../engine/weights/name-prefix';
import type { StoredTensor } from '../../engine/weights/safetensors';
import { timmState } from '../../engine/weights/to-timm';
import { findDataset, type Dataset } from '../../store/datasets';
import type { Store } from '../../store/open';
import { findRun, type Run } from '../../store/runs';
import { loadRunWeights } from '../inference/checkpoints';
import { namedRun } from './named-run';

/** File of the teacher's weights in the folder of its run. */
export const TEACHER_FILE = 'teacher.safetensors';

const refused = (what: string, why: string, next: string): AppError =>
  new AppError({ code: 'invalid_config', what, why, next });

/**
 * Facts about a teacher before its weights are read. `classes` is null for a file of weights, which does not name them.
 */
interface Facts {
  model: string;
  size: number;
  global_pool: DistillationConfig['global_pool'];
  mean: readonly [number, number, number];
  std: readonly [number, number, number];
  classes: readonly string[] | null;
}

/** The places where a teacher is searched for. */
export interface TeacherSource {
  store: Store;
  /** Whether the text may be a path; otherwise it names a run, and no file is read. */
  files: boolean;
}

/** Returns the run that teaches; null where a file is the teacher. @throws AppError not_found, ambiguous */
const teachingRun = (store: Store, teacher: string): { run: Run; step: number | null } | null =>
  namedRun(store, teacher, '--teacher');

function onlyRun(store: Store, teacher: string): { run: Run; step: number | null } {
  const { run, step } = runOfInit(teacher) ?? { run: teacher, step: null };
  return { run: findRun(store, run), step };
}

function factsOfRun(store: Store, { name, config }: Run): Facts {
  if (config.task !== 'classify')
    throw refused(
      `Run ${name} can't be a teacher.`,
      `Its task is ${config.task}, and a teacher classifies images.`,
      'Choose a run of the task classify.',
    );
  const { model, size, data, model_args } = config;
  const { classes } = findDataset(store, config.dataset);
  return { ...{ model, size, classes, global_pool: model_args.global_pool }, mean: data.mean, std: data.std };
}

function factsOfFile(path: string, { model }: DistillationConfig): Facts {
  if (existsSync(join(path, MANIFEST_FILE))) {
    const { model: own, options, preprocessing, label_names: classes } = readManifest(path);
    const { mean, std } = preprocessing;
    return {
      ...{ model: own, size: preprocessing.size, classes, mean, std },
      global_pool: options.global_pool ?? null,
    };
  }
  if (model === null)
    throw refused(
      `The model of the teacher ${path} is not known.`,
      'A file of weights does not name it.',
      'Name it with --teacher-model, as `efficienttrain models` lists it.',
    );
  const { size, mean, std } = modelEntry(model);
  return { model, size, classes: null, global_pool: null, mean, std };
}

function refuseOtherClasses(teacher: string, theirs: Facts['classes'], { name, classes }: Dataset): void {
  if (theirs === null || (theirs.length === classes.length && theirs.every((label, at) => label === classes[at])))
    return;
  const at = classes.findIndex((label, index) => label !== theirs[index]);
  throw refused(
    `The teacher ${teacher} has other classes than dataset ${name}.`,
    theirs.length === classes.length
      ? `Its class ${at + 1} is ${theirs[at]}, and that of the dataset is ${classes[at]}.`
      : `It has ${theirs.length} classes, and the dataset has ${classes.length}.`,
    'Choose a teacher that was trained on the same classes.',
  );
}

/**
 * Adds everything that decides the teacher's network to the configuration. Its own fields take precedence over those
 * that the teacher was trained with. @throws AppError not_found, ambiguous, invalid_config
 */
export function withFrozenTeacher({ store, files }: TeacherSource, config: RunConfig, dataset: Dataset): RunConfig {
  const { distillation } = config;
  if (distillation === null) return config;
  const { teacher } = distillation;
  const parent = files ? teachingRun(store, teacher) : onlyRun(store, teacher);
  const facts = parent ? factsOfRun(store, parent.run) : factsOfFile(teacher, distillation);
  if (distillation.model !== null && distillation.model !== facts.model)
    throw refused(
      `The teacher ${teacher} is no ${distillation.model}.`,
      `Its model is ${facts.model}.`,
      'Leave --teacher-model out: only a file of weights needs it.',
    );
  refuseOtherClasses(teacher, facts.classes, dataset);
  const { model, global_pool, mean, std } = facts;
  const size = distillation.size ?? facts.size;
  if (size > config.size)
    throw refused(
      `The teacher ${teacher} sees ${size} px, more than this run's images have.`,
      `They are prepared at the run's final size, which is ${config.size} px.`,
      `Use --size ${size}, or a smaller distillation.size.`,
    );
  const frozen: DistillationConfig = {
    ...{ ...distillation, model, size, global_pool: distillation.global_pool ?? global_pool },
    ...{ mean: distillation.mean ?? [...mean], std: distillation.std ?? [...std] },
    // A file that later gets the run's name must not be taken for it.
    ...(parent && { teacher: `run:${parent.run.id}${parent.step === null ? '' : `@${parent.step}`}` }),
  };
  const named = { ...config, distillation: frozen };
  // The model refuses sizes that it can't take.
  teacherOf(named, dataset.classes.length);
  return named;
}

/**
 * Checks that the weights are complete. @throws AppError weights_mismatch where a part of the network would begin at
 * random
 */
function whole(teacher: string, classes: number, { values, report }: LoadedWeights): Record<string, Float32Array> {
  if (!report.head_replaced && !report.norm_replaced) return values;
  throw new AppError({
    code: 'weights_mismatch',
    what: `The teacher ${teacher} is no classifier of ${classes} classes.`,
    why: report.head_replaced
      ? 'Its classifier is missing, or has another number of classes.'
      : 'Its norm fc_norm is missing.',
    next: 'Choose a teacher that was trained on the same classes.',
  });
}

export interface TeacherWeights {
  /** Configuration with `distillation.teacher` frozen: the full path of a file, or `run:ID@STEP`. */
  config: RunConfig;
  /** Weights by timm's names and in its layouts; null: there is no teacher. */
  weights: Record<string, StoredTensor> | null;
  /** Empty, or why the teacher's best checkpoint could not be used. */
  said: string;
}

/**
 * Reads the weights of the teacher that a configuration names.
 * @throws AppError not_found, ambiguous, checkpoint_invalid, weights_mismatch
 */
export async function teacherWeights(
  home: string,
  store: Store,
  config: RunConfig,
  classes: number,
): Promise<TeacherWeights> {
  const taught = teacherOf(config, classes);
  if (!config.distillation || !taught) return { config, weights: null, said: '' };
  const { model } = taught;
  const { teacher } = config.distillation;
  const frozen = (named: string): RunConfig =>
    ({ ...config, distillation: { ...config.distillation, teacher: named } }) as RunConfig;
  const parent = teachingRun(store, teacher);
  if (!parent) {
    const path = resolve(teacher);
    const values = whole(teacher, classes, loadTimmWeights(model, path));
    return { config: frozen(path), weights: timmState(model, values), said: '' };
  }
  const found = await loadRunWeights(home, store, parent.run, { checkpoint: parent.step ?? 'best', weights: null });
  const source = `Run ${parent.run.name}`;
  // At another size than its own the teacher's positions are resampled.
  const values = whole(teacher, classes, takeWeights(model, source, tensorsOf(timmState(found.model, found.values))));
  const said = found.instead === null ? '' : `${found.instead.message} ${found.instead.why}`;
  return { config: frozen(`run:${parent.run.id}@${found.step}`), weights: timmState(model, values), said };
}

/**
 * Returns values of the teacher's variables from the run's folder; none without a teacher.
 * @param folder of the run @throws AppError not_found, weights_mismatch
 */
export function teacherState(config: RunConfig, classes: number, folder: string): [string, Float32Array][] {
  const taught = teacherOf(config, classes);
  if (!taught) return [];
  const { values } = loadTimmWeights(taught.model, join(folder, TEACHER_FILE));
  return Object.entries(values).map(([name, value]) => [teacherName(name), value]);
}
