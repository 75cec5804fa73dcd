import type { Context, HeadOptions, Tensor } from '../../types';
import type { Initializer } from '../initializers';
import { linear } from './linear';
import type { Module } from './module';

/** The classifier of a model after its dropout. Without classes it returns the features, as timm's does. */
export interface Head extends Pick<Module, 'params'> {
  macs: number;
  apply(context: Context, features: Tensor, options: HeadOptions): Tensor;
}

/** Makes a head. @param classifier features [N, width] -> logits [N, classes]; null: there are no classes */
export const headWith = (classifier: Module | null, width: number): Head => ({
  params: classifier?.params ?? [],
  macs: classifier?.macs([width]) ?? 0,
  apply: (context, features, { training, dropout, param = context.variable }) => {
    const x: Tensor = training && dropout ? context.tf.mul(features, dropout) : features;
    return classifier
      ? classifier.apply({ context, training, batch: x.shape[0] as number, keep: undefined, param }, x)
      : x;
  },
});

/** Makes a head of one linear layer. */
export const headOf = (
  name: string,
  { width, classes, weight, bias }: { width: number; classes: number; weight: Initializer; bias: Initializer },
): Head => headWith(classes > 0 ? linear(name, { width, out: classes, weight, bias }) : null, width);
