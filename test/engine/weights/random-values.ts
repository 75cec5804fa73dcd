import { rngOf, textKey } from '../../../src/shared/random';
import type { Model } from '../../../src/main/engine/types';

/** Values for every parameter and buffer that differ from tensor to tensor and give logits of ordinary size. */
export function randomValues(model: Model, seed = 1): Record<string, Float32Array> {
  return Object.fromEntries(
    model.params.map(({ name, shape }) => {
      const rng = rngOf(seed, textKey(name));
      const size = shape.reduce((product, length) => product * length, 1);
      const fanIn = shape.length > 1 ? size / (shape.at(-1) as number) : 16;
      const draw = (): number => (name.endsWith('running_var') ? 0.5 + rng.uniform() : name.endsWith('norm.weight') || /(bn|norm|downsample\.)\d*\.weight$/.test(name) ? 0.5 + rng.uniform() : rng.normal() / Math.sqrt(fanIn));
      return [name, Float32Array.from({ length: size }, draw)];
    }),
  );
}

export const micro = { num_classes: 7, img_size: 32, drop_path_rate: 0, drop_rate: 0 };
