import { rngOf, textKey } from '../../../src/shared/random';
import type { Model } from '../../../src/main/engine/types';

/** Returns values for every parameter and buffer that differ from tensor to tensor and give logits of ordinary size. */
export function randomValues(model: Model, seed = 1): Record<string, Float32Array> {
  return Object.fromEntries(
    model.params.map(({ name, shape }) => {
      const rng = rngOf(seed, textKey(name));
      const size = shape.reduce((product, length) => product * length, 1);
      const fanIn = shape.length > 1 ? size / (shape.at(-1) as number) : 16;
      // Gains are below one. Otherwise the logits of a deep residual network that normalises with wrong statistics
      // would exceed float32's range.
      const gain = shape.length === 1 && name.endsWith('.weight') ? 0.8 : name.endsWith('running_var') ? 1 : null;
      const draw = (): number => (gain === null ? rng.normal() / Math.sqrt(fanIn) : gain * (0.75 + rng.uniform() / 2));
      return [name, Float32Array.from({ length: size }, draw)];
    }),
  );
}

export const micro = { num_classes: 7, img_size: 32, drop_path_rate: 0, drop_rate: 0 };
