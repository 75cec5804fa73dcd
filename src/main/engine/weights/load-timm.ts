/** Starts a model from a file of weights, from the folder of one of our exports, or from another model's weights. */
import { AppError } from '../../../shared/errors';
import type { Model, ParamSpec } from '../types';
import { fromTimm } from './layout';
import { modelEntries } from '../models';
import { isHead } from '../models/is-head';
import { mismatch, NOT_FINITE } from './mismatch';
import type { Tensors } from './name-prefix';
import { byTimmNames, type NamedTensors } from './official-names';
import { openWeights } from './open-weights';

export interface LoadReport {
  loaded: number;
  /** Key of a PyTorch file's dictionary under which the weights were. */
  key?: string;
  /** The classifier was left at its initial values, because the file's has another number of classes. */
  head_replaced: boolean;
  /** Position embeddings and tables of relative positions that were resampled from another size. */
  resized: string[];
  /** The repository whose names the file has; absent: it has timm's. */
  names?: string;
  /** Prefix removed from every name in the file; empty: none. */
  prefix: string;
  /** Number of tensors of the file that were outside the prefix and left out. */
  left_out: number;
  /** Number of tensors of a masked autoencoder's decoder, which were left out. */
  decoder: number;
  /**
   * Whether the file's norm of the class token was left out: the norm of the mean, fc_norm, begins at its initial
   * values.
   */
  norm_replaced: boolean;
}

const same = (a: readonly number[], b: readonly number[]): boolean => a.join() === b.join();
const text = (shape: readonly number[]): string => `[${shape.join(', ')}]`;

interface FoundHead {
  /** Whether all of it can be loaded. */
  fits: boolean;
  /** Its parameters that are loaded: all, or those that do not depend on the number of classes where that differs. */
  taken: ReadonlySet<string>;
  problems: string[];
}

/**
 * Says whether the file's classifier can be loaded or is left out knowingly, and reports a problem where it is
 * incomplete.
 */
function headOf(model: Model, file: Tensors, names: ReadonlySet<string>): FoundHead {
  const heads = model.params.filter(({ name }) => isHead(name));
  const present = heads.filter(({ name }) => names.has(name));
  const none = { fits: false, taken: new Set<string>() };
  if (!present.length) return { ...none, problems: [] };
  if (present.length < heads.length)
    return { ...none, problems: heads.filter(({ name }) => !names.has(name)).map(({ name }) => `${name} is missing`) };
  const fits = heads.every(({ name, timmShape }) => same(file.shape(name), timmShape));
  // The first axis counts the classes. All others have to agree even where the classifier is replaced.
  const misfits = heads.filter(({ name, timmShape }) => !same(file.shape(name).slice(1), timmShape.slice(1)));
  const kept = heads.filter(
    ({ name, timmShape, trainable }) => fits || (trainable && same(file.shape(name), timmShape)),
  );
  return {
    fits,
    taken: new Set(kept.map(({ name }) => name)),
    problems: misfits.map(
      ({ name, timmShape }) => `${name} is ${text(file.shape(name))}, ${text(timmShape)} is needed`,
    ),
  };
}

export interface LoadedWeights {
  /**
   * Values by parameter name in the layouts used here, without the head's where the class count differs or the file has
   * no head.
   */
  values: Record<string, Float32Array>;
  report: LoadReport;
}

/**
 * Loads weights from a file.
 * @param key of the weights in a PyTorch file; null: the usual ones
 * @throws AppError weights_mismatch saying what does not fit; not_found, usage
 */
export function loadTimmWeights(model: Model, path: string, key: string | null = null): LoadedWeights {
  const opened = openWeights(path, key);
  const { values, report } = takeWeights(model, path, opened.tensors);
  return { values, report: opened.key === null ? report : { ...report, key: opened.key } };
}

const DECODER = /^(decoder_|mask_token$)/;

/**
 * Names of the file that the model does not use: a masked autoencoder's decoder (He et al., CVPR 2022), and those of
 * `ownNorm`.
 */
function withoutDecoder(model: Model, names: ReadonlySet<string>): { decoder: Set<string>; norm_replaced: boolean } {
  const known = new Set(model.params.map(({ name }) => name));
  const pretrained = names.has('decoder_embed.weight') && !known.has('decoder_embed.weight');
  return {
    decoder: new Set(pretrained ? [...names].filter((name) => DECODER.test(name)) : []),
    // This follows the authors' fine-tuning: the norm of the class token does not fit a mean.
    norm_replaced: known.has('fc_norm.weight') && !names.has('fc_norm.weight') && names.has('norm.weight'),
  };
}

/** Returns the family of a model. One that no entry describes, such as a test's, has no family and timm's names. */
const familyOf = ({ id }: Model): string => modelEntries().find((entry) => entry.id === id)?.family ?? '';

const isNorm = (name: string): boolean => /^(fc_)?norm\./.test(name);

/**
 * Loads weights by timm's names and in its layouts into a new model.
 * @param source name of the weights in error messages @throws AppError weights_mismatch
 */
export function takeWeights(model: Model, source: string, stored: Tensors): LoadedWeights {
  const found = byTimmNames(familyOf(model), model.params, stored);
  refuseRivals(source, model, found);
  const { tensors: file, prefix, others } = found;
  const names = new Set(file.names);
  const values: Record<string, Float32Array> = {};
  const resized: string[] = [];
  const head = headOf(model, file, names);
  const problems = head.problems;
  const { decoder, norm_replaced } = withoutDecoder(model, names);
  const take = (spec: ParamSpec): void => {
    const { name, timmShape, resampled } = spec;
    const shape = file.shape(name);
    const misfit = !same(shape, timmShape);
    const read = misfit && !resampled ? new Float32Array() : Float32Array.from(file.read(name));
    const fitting = misfit ? resampled?.(read, shape) : read;
    if (!fitting) problems.push(`${name} is ${text(shape)}, ${text(timmShape)} is needed`);
    else if (!read.every(Number.isFinite)) problems.push(`${name} ${NOT_FINITE}`);
    else {
      values[name] = fromTimm(spec, fitting);
      if (misfit) resized.push(name);
    }
  };
  for (const spec of model.params) {
    if ((isHead(spec.name) && !head.taken.has(spec.name)) || (norm_replaced && isNorm(spec.name))) continue;
    if (names.has(spec.name)) take(spec);
    else problems.push(`${spec.name} is missing`);
  }
  const known = new Set(model.params.map(({ name }) => name));
  // PyTorch counts batches for norms without a momentum; the count is not used here.
  const leftOut = (name: string): boolean =>
    name.endsWith('num_batches_tracked') ||
    decoder.has(name) ||
    (norm_replaced && isNorm(name)) ||
    (name.startsWith('head.') && !head.fits);
  for (const name of names)
    if (!known.has(name) && !leftOut(name)) problems.push(`${name} is not a parameter of ${model.id}`);
  if (problems.length) throw mismatch(source, model, { file: stored, tensors: file, problems });
  const loaded = Object.keys(values).length;
  return {
    values,
    report: {
      ...{
        loaded,
        head_replaced: !head.fits,
        resized,
        prefix,
        left_out: others.length,
        decoder: decoder.size,
        norm_replaced,
      },
      ...(found.source === null ? {} : { names: found.source }),
    },
  };
}

/** Refuses a file with several whole models (such as a student and its teacher), because either could be meant. */
function refuseRivals(path: string, model: Model, { prefix, rivals }: NamedTensors): void {
  if (!rivals.length) return;
  throw new AppError({
    code: 'weights_mismatch',
    what: `${path} holds ${model.id} more than once.`,
    why: `Its names have ${[prefix, ...rivals].map((each) => (each ? `the prefix "${each}"` : 'no prefix')).join(' and ')}.`,
    next: 'Save the one that is meant alone in a file. Nothing was loaded.',
  });
}

/** Summarises what was loaded and how it was changed, as a part of a sentence. */
export function loadSummary(report: LoadReport): string {
  const { loaded, key, names, prefix, head_replaced, resized, left_out, decoder, norm_replaced } = report;
  const parts = [`${loaded} parameters${key === undefined ? '' : ` under the key ${key}`}`];
  if (names !== undefined) parts.push(`by the names of ${names}`);
  if (prefix) parts.push(`the prefix ${prefix} taken off their names`);
  if (left_out) parts.push(`${left_out} tensors outside the prefix left out`);
  if (decoder) parts.push(`the decoder's ${decoder} tensors left out`);
  if (norm_replaced) parts.push('the norm of its class token left out (fc_norm begins at its initial values)');
  if (head_replaced) parts.push('classifier replaced');
  if (resized.length)
    parts.push(`${resized.length > 3 ? `${resized.length} position tables` : resized.join(', ')} resampled`);
  return parts.join(', ');
}
