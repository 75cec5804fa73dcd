/**
 * AdamW (Loshchilov and Hutter, ICLR 2019) by PyTorch's formula: epsilon stands outside the bias correction, decay is decoupled.
 */
import { flag, FLOAT } from '../layers/attrs';
import type { Context, ParamSpec, Tensor } from '../types';
import { gradientOf, type Optimizer, type UpdateScalars } from './optimizer';

export interface AdamWOptions {
  betas: readonly [number, number];
  eps: number;
  weight_decay: number;
}

export function adamW({ betas: [beta1, beta2], eps, weight_decay }: AdamWOptions): Optimizer {
  /**
   * Two ops a parameter, in place: half the nodes of the composed update. TensorFlow's Adam corrects before epsilon, so it is
   * fed eps * sqrt(1 - beta2^t); and 1 - power loses digits in float32 while t is small, so the corrections go into the learning
   * rate, the powers are zero.
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
      context.inPlace?.('ResourceApplyAdam', [name, `${name}/m`, `${name}/v`], [...scalars, gradientOf(gradients, name)], attrs);
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
    update: (context, params, gradients, scalars) => (context.inPlace ? inPlace : composed)(context, params, gradients, scalars),
  };
}
