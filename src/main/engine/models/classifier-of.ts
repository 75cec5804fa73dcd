import type { ModelEntry } from '../types';
import { isHead } from './is-head';
import { modelEntries } from './index';

/** Returns names and timm shapes of all parameters but the classifier's. */
function encoderOf({ size, create }: ModelEntry): Map<string, string> {
  const { params } = create({ num_classes: 0, img_size: size, drop_path_rate: 0, drop_rate: 0 });
  return new Map(params.filter(({ name }) => !isHead(name)).map(({ name, timmShape }) => [name, timmShape.join()]));
}

/**
 * Returns the classifier that a model's weights fit: the model itself, or the one with a masked autoencoder's encoder.
 * Returns null where there is none.
 */
export function classifierOf(entry: ModelEntry): ModelEntry | null {
  if (entry.task === 'classify') return entry;
  const own = encoderOf(entry);
  const fits = (candidate: ModelEntry): boolean =>
    candidate.size === entry.size && [...encoderOf(candidate)].every(([name, shape]) => own.get(name) === shape);
  return modelEntries('classify').find(fits) ?? null;
}
