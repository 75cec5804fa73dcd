/**
 * Layer decay (Clark et al., ELECTRA, ICLR 2020; Bao et al., BEiT, ICLR 2022): the learning rate falls by a factor from
 * each layer of a network to the one below it. Layers are counted as timm's `param_groups_layer_decay` counts them.
 */
import type { Model, ParamSpec } from '../types';
import type { Optimizer } from './optimizer';

type Layered = Pick<Model, 'params' | 'layers'>;

/**
 * Returns the layer of a parameter: 0 is the stem, then come the blocks in order, and parameters that belong to no
 * layer are the head after them.
 */
export function layerOf(name: string, layers: Model['layers']): number {
  const found = layers.findIndex((names) => names.some((own) => name === own || name.startsWith(`${own}.`)));
  return found < 0 ? layers.length : found;
}

/** Returns each parameter's factor of the learning rate: decay^(last layer - own layer), so 1 for the head. */
export function layerScales({ params, layers }: Layered, decay: number): Map<string, number> {
  const ids = params.map(({ name }) => layerOf(name, layers));
  const last = Math.max(...ids);
  return new Map(params.map(({ name }, index) => [name, decay ** (last - (ids[index] as number))]));
}

/**
 * Wraps an optimizer so that each layer of the model has its own learning rate: lr * decay^(last layer - own layer).
 */
export function withLayerDecay(optimizer: Optimizer, model: Layered, decay: number): Optimizer {
  const scales = layerScales(model, decay);
  return {
    slots: optimizer.slots,
    update(context, params, { gradients, ...update }, scalars) {
      const averaged = new Set<string>();
      const groups = Map.groupBy(params, ({ name }: ParamSpec) => scales.get(name) as number);
      for (const [scale, members] of groups) {
        const own = new Map([...gradients].filter(([name]) => scales.get(name) === scale));
        const lr = context.tf.mul(scalars.lr, scale);
        const done = optimizer.update(context, members, { ...update, gradients: own }, { ...scalars, lr });
        for (const name of done) averaged.add(name);
      }
      return averaged;
    },
  };
}
