/** Gradient accumulation: sums of gradients over the parts of a batch, so that a batch larger than the memory trains as one. */
import type { Context, ParamSpec, Tensor, TensorInfo } from '../types';
import { gradientOf } from './optimizer';

export const sumName = (name: string): string => `${name}/grad_sum`;

/** They hold something only within a step, so no checkpoint has them. */
export const sumVariables = (params: readonly ParamSpec[]): Record<string, TensorInfo> =>
  Object.fromEntries(params.map(({ name, shape }) => [sumName(name), { shape, dtype: 'float32' }]));

/** sum = keep * sum + gradient. @param keep a scalar: 0 for a batch's first part, else 1 */
export function addToSums(
  context: Context,
  params: readonly ParamSpec[],
  gradients: ReadonlyMap<string, Tensor>,
  keep: Tensor,
): void {
  const { tf } = context;
  for (const { name } of params)
    context.assign(sumName(name), tf.add(tf.mul(context.variable(sumName(name)), keep), gradientOf(gradients, name)));
}

/** The mean over all parts, with the last one's gradients. Losses are means over as many images each, so this is the whole batch's gradient. */
export function meanOfParts(
  context: Context,
  params: readonly ParamSpec[],
  gradients: ReadonlyMap<string, Tensor>,
  parts: number,
): Map<string, Tensor> {
  const { tf } = context;
  return new Map(
    params.map(({ name }) => {
      const sum: Tensor = tf.add(context.variable(sumName(name)), gradientOf(gradients, name));
      return [name, tf.mul(sum, 1 / parts)];
    }),
  );
}
