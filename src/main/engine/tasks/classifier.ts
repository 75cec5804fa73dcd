import { AppError } from '../../../shared/errors';
import type { RunConfig } from '../../../shared/run-config';
import { normal } from '../models/initializers';
import { sizeOf } from '../size-of';
import type { Model, ModelEntry } from '../types';
import { isHead } from '../models/is-head';
import type { ModelSettings } from './task';

/** Refuses global_pool for a model without a class token. @throws AppError invalid_config */
function refusePooling({ id, family }: ModelEntry): void {
  if (family === 'vit') return;
  throw new AppError({
    code: 'invalid_config',
    what: `model_args.global_pool is not for ${id}.`,
    why: 'Only a vision transformer has both a class token and patches to average.',
    next: 'Leave it out, or set it to null; the preset finetune-mae sets it, and is for vision transformers.',
  });
}

/**
 * Initialises the classifier's weights from a normal distribution of this standard deviation, whatever the model's own
 * is.
 */
function withHeadInit(model: Model, std: number): Model {
  const init = normal(std);
  const params = model.params.map((param) =>
    isHead(param.name) && param.name.endsWith('.weight')
      ? { ...param, init: (seed: number) => init(seed, param.name, sizeOf(param.shape)) }
      : param,
  );
  return { ...model, params };
}

/**
 * Makes the network with a classifier for the dataset's classes, from the configuration's `model_args`.
 * @param probe whether the encoder is frozen and the classifier a linear probe's @throws AppError invalid_config
 */
export function classifier(
  entry: ModelEntry,
  { classes, size, drop_path_rate, drop_rate }: ModelSettings,
  config: RunConfig | null,
  probe = false,
): Model {
  const pool = config?.model_args.global_pool ?? null;
  const std = config?.model_args.head_init_std ?? null;
  if (pool !== null) refusePooling(entry);
  // The class token is these models' default, and graphs are named by their options.
  const named = { ...(pool === 'avg' && { global_pool: pool }), ...(probe && { probe }) };
  const model = entry.create({ num_classes: classes, img_size: size, drop_path_rate, drop_rate, ...named });
  return std === null ? model : withHeadInit(model, std);
}
