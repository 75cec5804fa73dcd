import type { Context, ParamSpec, Tensor, TensorInfo } from '../types';

export const emaName = (name: string): string => `ema/${name}`;

export const emaVariables = (params: readonly ParamSpec[]): Record<string, TensorInfo> =>
  Object.fromEntries(params.map(({ name, shape }) => [emaName(name), { shape, dtype: 'float32' }]));

/**
 * timm's ModelEmaV2: ema = decay * ema + (1 - decay) * value for parameters and buffers, after the update. `decay` is a scalar.
 */
export function updateEma(context: Context, params: readonly ParamSpec[], decay: Tensor): void {
  const { tf } = context;
  for (const { name } of params) {
    const kept = tf.mul(context.variable(emaName(name)), decay);
    context.assign(emaName(name), tf.add(kept, tf.mul(context.variable(name), tf.sub(1, decay))));
  }
}
