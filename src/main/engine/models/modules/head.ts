import type { Context, HeadOptions, Tensor } from '../../types';
import type { Initializer } from '../initializers';
import { linear } from './linear';
import type { Module } from './module';

/** The classifier of a model: dropout and a linear layer; without classes it gives back the features, as timm's. */
export interface Head extends Pick<Module, 'params'> {
  macs: number;
  apply(context: Context, features: Tensor, options: HeadOptions): Tensor;
}

export function headOf(
  name: string,
  { width, classes, weight, bias }: { width: number; classes: number; weight: Initializer; bias: Initializer },
): Head {
  const layer = classes > 0 ? linear(name, { width, out: classes, weight, bias }) : null;
  return {
    params: layer?.params ?? [],
    macs: layer?.macs([width]) ?? 0,
    apply: (context, features, { training, dropout, param = context.variable }) => {
      const x: Tensor = training && dropout ? context.tf.mul(features, dropout) : features;
      return layer ? layer.apply({ context, training, batch: x.shape[0] as number, keep: undefined, param }, x) : x;
    },
  };
}
