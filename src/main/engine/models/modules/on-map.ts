import type { Module, Shape } from './module';
import { lengthOf } from './self-attention';

const square = ([length, channels]: Shape): Shape => [
  Math.sqrt(length as number),
  Math.sqrt(length as number),
  channels as number,
];

/** Applies a part for a square map to its flat tokens, row by row: [N * L, C] -> [N * L', out]. */
export function onMap(part: Module): Module {
  return {
    params: part.params,
    shape: (input) => {
      const [height, width, channels] = part.shape(square(input)) as [number, number, number];
      return [height * width, channels];
    },
    macs: (input) => part.macs(square(input)),
    apply: (pass, x) => {
      const { tf } = pass.context;
      const map = part.apply(pass, tf.reshape(x, [pass.batch, ...square([lengthOf(pass, x), x.shape[1] as number])]));
      const channels = map.shape[3] as number;
      return tf.reshape(map, [map.size / channels, channels]);
    },
  };
}
