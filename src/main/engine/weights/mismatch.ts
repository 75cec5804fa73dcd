/** Describes the mismatch between a weights file and a model in short: the common cause first, then the first names. */
import { AppError } from '../../../shared/errors';
import { modelEntries } from '../models';
import { isHead } from '../models/is-head';
import type { Model, ParamSpec } from '../types';
import type { Tensors } from './name-prefix';
import { byTimmNames } from './official-names';

/** Number of names that are listed before the rest is counted. */
const LISTED = 5;
/** Share of a model that has to be in a file for the file to be called that model. */
const ENOUGH = 0.9;

/** End of a parameter's problem that no other model would solve. */
export const NOT_FINITE = 'holds values that are not finite';

const same = (a: readonly number[], b: readonly number[]): boolean => a.join() === b.join();

/** Counts the parameters that are in the file with their shape. */
function fitting(file: Tensors, params: readonly ParamSpec[]): number {
  const names = new Set(file.names);
  return params.filter(({ name, timmShape }) => names.has(name) && same(file.shape(name), timmShape)).length;
}

/** Returns the model that a file was made for, if it is one of ours. */
function modelIn(file: Tensors): string | null {
  const shares = modelEntries('classify').map(({ id, family, size, create }) => {
    const { params } = create({ num_classes: 2, img_size: size, drop_path_rate: 0, drop_rate: 0 });
    // Classifier and position embeddings vary with the data, so they are left out.
    const telling = params.filter(({ name, resampled }) => !isHead(name) && !resampled);
    const fits = fitting(byTimmNames(family, params, file).tensors, telling);
    // All of resnet18 is in a resnet34, but it explains less of the file.
    return { id, share: fits / telling.length, unexplained: file.names.length - fits };
  });
  const best = shares.toSorted((a, b) => b.share - a.share || a.unexplained - b.unexplained)[0];
  return best && best.share >= ENOUGH ? best.id : null;
}

function nextOf(made: string | null, model: Model, problems: readonly string[]): string {
  if (made !== null) return `Choose ${made}, or a file of ${model.id}`;
  return problems.every((problem) => problem.endsWith(NOT_FINITE))
    ? 'Choose other weights: the file is damaged, or the training that made it diverged'
    : 'Choose the model that the file was made for';
}

/**
 * Makes the error. @param file as it is @param tensors by the model's names @param problems one part of a sentence for
 * each parameter
 */
export function mismatch(
  path: string,
  model: Model,
  { file, tensors, problems }: { file: Tensors; tensors: Tensors; problems: readonly string[] },
): AppError {
  const many = problems.length > LISTED;
  const found = many ? modelIn(file) : null;
  const made = found === model.id ? null : found;
  const fits = `${fitting(tensors, model.params)} of the ${model.params.length} parameters of ${model.id} are in it with their shape`;
  const cause = made === null ? `Only ${fits}` : `It holds ${made}, not ${model.id}: ${fits}`;
  const listed = problems.slice(0, LISTED).join('; ');
  return new AppError({
    code: 'weights_mismatch',
    what: `${path} does not fit ${model.id}.`,
    why: !file.names.length
      ? 'It holds no tensor.'
      : many
        ? `${cause}. ${listed}; and ${problems.length - LISTED} more.`
        : `${listed}.`,
    next: `${nextOf(made, model, problems)}. Nothing was loaded.`,
  });
}
