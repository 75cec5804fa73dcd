import type { Context, HeadOptions, Tensor } from '../../types';
import type { Initializer } from '../initializers';
import { linear } from './linear';
import type { Module, Pass } from './module';

/** The classifier of a model after its dropout. Without classes it returns the features, as timm's does. */
export interface Head extends Pick<Module, 'params'> {
  macs: number;
  /** See Model. */
  dropoutWidth: number;
  apply(context: Context, features: Tensor, options: HeadOptions): Tensor;
}

const passOfHead = (context: Context, features: Tensor, { training, param = context.variable }: HeadOptions): Pass => ({
  ...{ context, training, batch: features.shape[0] as number, keep: undefined, param },
});

const dropped = ({ context }: Pass, x: Tensor, { training, dropout }: HeadOptions): Tensor =>
  training && dropout ? context.tf.mul(x, dropout) : x;

/** Makes a head. @param classifier features [N, width] -> logits [N, classes]; null: there are no classes */
export const headWith = (classifier: Module | null, width: number): Head => ({
  params: classifier?.params ?? [],
  macs: classifier?.macs([width]) ?? 0,
  dropoutWidth: width,
  apply: (context, features, options) => {
    const pass = passOfHead(context, features, options);
    return classifier ? classifier.apply(pass, dropped(pass, features, options)) : dropped(pass, features, options);
  },
});

/**
 * Makes a head of two parts with the dropout between them.
 * @param hidden features [N, width] -> [N, dropoutWidth] @param last [N, dropoutWidth] -> logits [N, classes]
 */
export const headOfTwo = (hidden: Module, last: Module, width: number, dropoutWidth: number): Head => ({
  params: [...hidden.params, ...last.params],
  macs: hidden.macs([width]) + last.macs([dropoutWidth]),
  dropoutWidth,
  apply: (context, features, options) => {
    const pass = passOfHead(context, features, options);
    return last.apply(pass, dropped(pass, hidden.apply(pass, features), options));
  },
});

/** Makes a head of one linear layer. */
export const headOf = (
  name: string,
  { width, classes, weight, bias }: { width: number; classes: number; weight: Initializer; bias: Initializer },
): Head => headWith(classes > 0 ? linear(name, { width, out: classes, weight, bias }) : null, width);
