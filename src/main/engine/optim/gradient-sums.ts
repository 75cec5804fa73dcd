/**
 * Gradient accumulation: gradients are summed over the parts of a batch, so that a batch larger than the memory trains
 * as one.
 */
import type { Context, ParamSpec, Tensor, TensorInfo } from '../types';
import { gradientOf } from './optimizer';

/** Returns the name of the variable that holds the sum of a parameter's gradients. */
export const sumName = (name: string): string => `${name}/grad_sum`;

/** Returns the variables of the sums. They hold values only within a step, so no checkpoint has them. */
export const sumVariables = (params: readonly ParamSpec[]): Record<string, TensorInfo> =>
  Object.fromEntries(params.map(({ name, shape }) => [sumName(name), { shape, dtype: 'float32' }]));

/**
 * Adds a part's gradients: sum = keep * sum + gradient.
 * @param keep scalar: 0 for the first part of a batch, else 1
 * @throws if a parameter has no gradient
 */
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

/**
 * Returns the mean of the gradients over all parts. The last part's have not been added to the sums. Each part's loss
 * is a mean over equally many images, so this is the gradient of the whole batch.
 * @param gradients of the last part @param parts number of parts @throws if a parameter has no gradient
 */
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
