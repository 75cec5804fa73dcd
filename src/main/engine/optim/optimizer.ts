import type { Context, ParamSpec, Tensor, TensorInfo } from '../types';

/** Scalars that change from step to step, and are therefore inputs of the step. */
export interface UpdateScalars {
  lr: Tensor;
  /** 1 - beta1^t and 1 - beta2^t for the step t, counted from 1. SGD and LARS do not use them. */
  correction1: Tensor;
  correction2: Tensor;
}

/** Gradients of a step and their scalars. */
export interface Update {
  /** Gradient of each parameter by its name, of the parameter's shape. */
  gradients: ReadonlyMap<string, Tensor>;
  /** Factor of all gradients, a scalar; see clip-grad.ts. */
  factor: Tensor | null;
  /** Decay of the moving averages, a scalar; null where there are none. */
  emaDecay: Tensor | null;
}

/** An update rule. Its state is a variable `<name>/<slot>` of the parameter's shape for each parameter and slot. */
export interface Optimizer {
  readonly slots: readonly string[];
  /**
   * Updates every parameter from its gradient, in place where traced.
   * @returns names of the parameters whose moving average was updated along with them
   * @throws if a parameter has no gradient
   */
  update(context: Context, params: readonly ParamSpec[], update: Update, scalars: UpdateScalars): ReadonlySet<string>;
}

/** Returns the variables of the optimizer's state for these parameters. */
export function slotVariables(optimizer: Optimizer, params: readonly ParamSpec[]): Record<string, TensorInfo> {
  const entries = params.flatMap(({ name, shape }) =>
    optimizer.slots.map((slot): [string, TensorInfo] => [`${name}/${slot}`, { shape, dtype: 'float32' }]),
  );
  return Object.fromEntries(entries);
}

/** Returns the gradient of a parameter. @throws if the loss does not depend on the parameter */
export function gradientOf(gradients: ReadonlyMap<string, Tensor>, name: string): Tensor {
  const gradient = gradients.get(name);
  if (!gradient) throw new Error(`no gradient reached ${name}`);
  return gradient;
}

/** Returns the gradients times their factor. */
export function scaled({ tf }: Context, { gradients, factor }: Update): Map<string, Tensor> {
  return new Map([...gradients].map(([name, gradient]) => [name, factor ? tf.mul(gradient, factor) : gradient]));
}
