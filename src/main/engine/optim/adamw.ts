/**
 * AdamW (Loshchilov and Hutter, Decoupled Weight Decay Regularization, ICLR 2019, algorithm 2) by PyTorch's formula:
 * epsilon is added after the bias correction, and the decay is the learning rate times `weight_decay` times the
 * parameter.
 */
import { flag, FLOAT, int, real } from '../layers/attrs';
import type { Attr, Context, ParamSpec, Tensor } from '../types';
import { emaName } from './ema';
import { gradientOf, scaled, type Optimizer, type Update, type UpdateScalars } from './optimizer';

export interface AdamWOptions {
  /** Decay rates of the averages of the gradient and of its square. */
  betas: readonly [number, number];
  eps: number;
  weight_decay: number;
}

/** Makes the optimizer. Its slots `m` and `v` have the parameter's shape. */
export function adamW({ betas: [beta1, beta2], eps, weight_decay }: AdamWOptions): Optimizer {
  /** One op for each parameter also clips and updates the moving average, so that every array is passed over once. */
  function fused(
    context: Context,
    params: readonly ParamSpec[],
    { gradients, factor, emaDecay }: Update,
    { lr, correction1, correction2 }: UpdateScalars,
  ): ReadonlySet<string> {
    const { tf } = context;
    const scalars = [factor ?? tf.scalar(1), lr, correction1, correction2, emaDecay ?? tf.scalar(0)];
    for (const { name, decay } of params) {
      const names = [name, `${name}/m`, `${name}/v`, ...(emaDecay ? [emaName(name)] : [])];
      const arrays = names.map((variable): Tensor => context.variable(variable));
      const attrs: Record<string, Attr> = {
        N: int(names.length),
        ...{ beta1: real(beta1), beta2: real(beta2), epsilon: real(eps), weight_decay: real(decay ? weight_decay : 0) },
      };
      const updated = context.op(
        'StudioAdamW',
        [...arrays, gradientOf(gradients, name), ...scalars],
        attrs,
        names.length,
      );
      names.forEach((variable, index) => context.assign(variable, updated[index] as Tensor));
    }
    return new Set(emaDecay ? params.map(({ name }) => name) : []);
  }

  /**
   * Two ops for each parameter update it in place, which is half the nodes of the composed update. TensorFlow's Adam
   * adds epsilon before the bias correction, so it gets eps * sqrt(1 - beta2^t). It also takes powers of beta, and 1 -
   * power loses digits in float32 while t is small: the corrections are part of the learning rate, and the powers are
   * zero.
   */
  function inPlace(
    context: Context,
    params: readonly ParamSpec[],
    gradients: ReadonlyMap<string, Tensor>,
    { lr, correction1, correction2 }: UpdateScalars,
  ): void {
    const { tf } = context;
    const shrink = tf.mul(lr, weight_decay);
    const root = tf.sqrt(correction2);
    const scalars = [
      tf.scalar(0),
      tf.scalar(0),
      tf.div(tf.mul(lr, root), correction1),
      tf.scalar(beta1),
      tf.scalar(beta2),
      tf.mul(eps, root),
    ];
    for (const { name, decay } of params) {
      if (decay && weight_decay > 0)
        context.inPlace?.('AssignSubVariableOp', [name], [tf.mul(context.variable(name), shrink)], { dtype: FLOAT });
      const attrs = { T: FLOAT, use_locking: flag(false), use_nesterov: flag(false) };
      context.inPlace?.(
        'ResourceApplyAdam',
        [name, `${name}/m`, `${name}/v`],
        [...scalars, gradientOf(gradients, name)],
        attrs,
      );
    }
  }

  function composed(
    context: Context,
    params: readonly ParamSpec[],
    gradients: ReadonlyMap<string, Tensor>,
    { lr, correction1, correction2 }: UpdateScalars,
  ): void {
    const { tf } = context;
    for (const { name, decay } of params) {
      const gradient = gradientOf(gradients, name);
      const m: Tensor = tf.add(tf.mul(context.variable(`${name}/m`), beta1), tf.mul(gradient, 1 - beta1));
      const v: Tensor = tf.add(tf.mul(context.variable(`${name}/v`), beta2), tf.mul(tf.square(gradient), 1 - beta2));
      const direction = tf.div(tf.div(m, correction1), tf.add(tf.sqrt(tf.div(v, correction2)), eps));
      const value = context.variable(name);
      const shrunk = decay ? tf.sub(value, tf.mul(value, tf.mul(lr, weight_decay))) : value;
      context.assign(`${name}/m`, m);
      context.assign(`${name}/v`, v);
      context.assign(name, tf.sub(shrunk, tf.mul(lr, direction)));
    }
  }

  return {
    slots: ['m', 'v'],
    update(context, params, update, scalars) {
      if (context.kernels) return fused(context, params, update, scalars);
      (context.inPlace ? inPlace : composed)(context, params, scaled(context, update), scalars);
      return new Set();
    },
  };
}
