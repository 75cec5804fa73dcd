import type { Context, ParamSpec, Tensor, TensorInfo } from '../types';

/** Returns the name of the variable that holds the moving average of a parameter or buffer. */
export const emaName = (name: string): string => `ema/${name}`;

/** Returns the variables of the moving averages, each as large as its parameter or buffer. */
export const emaVariables = (params: readonly ParamSpec[]): Record<string, TensorInfo> =>
  Object.fromEntries(params.map(({ name, shape }) => [emaName(name), { shape, dtype: 'float32' }]));

/**
 * Updates the exponential moving average of parameters and buffers after the optimizer's step, as timm's ModelEmaV2
 * does: ema = decay * ema + (1 - decay) * value.
 * @param decay scalar in 0..1
 */
export function updateEma(context: Context, params: readonly ParamSpec[], decay: Tensor): void {
  const { tf } = context;
  for (const { name } of params) {
    const kept = tf.mul(context.variable(emaName(name)), decay);
    context.assign(emaName(name), tf.add(kept, tf.mul(context.variable(name), tf.sub(1, decay))));
  }
}
