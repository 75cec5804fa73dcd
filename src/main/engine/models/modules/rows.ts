import type { Module, Shape } from './module';

const flat = ([height, width, channels]: Shape): Shape => [(height as number) * (width as number), channels as number];

/** Applies a part for rows to a feature map, whose pixels are the rows: [N, H, W, C] -> [N, H, W, out]. */
export function onRows(part: Module): Module {
  return {
    params: part.params,
    shape: (input) => [...input.slice(0, 2), part.shape(flat(input)).at(-1) as number],
    macs: (input) => part.macs(flat(input)),
    apply: (pass, x) => {
      const { tf } = pass.context;
      const [batch, height, width, channels] = x.shape as [number, number, number, number];
      const rows = part.apply(pass, tf.reshape(x, [batch * height * width, channels]));
      return tf.reshape(rows, [batch, height, width, rows.shape[1] as number]);
    },
  };
}
