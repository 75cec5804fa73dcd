import type { Context, ParamSpec, Tensor, TensorInfo } from '../types';

/** Scalars that change from step to step, as inputs of the step. */
export interface UpdateScalars {
  lr: Tensor;
  /** 1 - beta1^t and 1 - beta2^t; unused by SGD. */
  correction1: Tensor;
  correction2: Tensor;
}

/** Gradients of a step, and what comes with them. */
export interface Update {
  gradients: ReadonlyMap<string, Tensor>;
  /** Factor of all gradients, a scalar: see clip-grad.ts. */
  factor: Tensor | null;
  /** A scalar; null: there are no averages. */
  emaDecay: Tensor | null;
}

/** State is keyed by parameter name: `<name>/<slot>`. */
export interface Optimizer {
  readonly slots: readonly string[];
  /** Update every parameter from its gradient, in place where traced. @returns names of those whose moving average was updated along with them */
  update(context: Context, params: readonly ParamSpec[], update: Update, scalars: UpdateScalars): ReadonlySet<string>;
}

/** Variables of the optimizer's state for these parameters. */
export function slotVariables(optimizer: Optimizer, params: readonly ParamSpec[]): Record<string, TensorInfo> {
  const entries = params.flatMap(({ name, shape }) =>
    optimizer.slots.map((slot): [string, TensorInfo] => [`${name}/${slot}`, { shape, dtype: 'float32' }]),
  );
  return Object.fromEntries(entries);
}

export function gradientOf(gradients: ReadonlyMap<string, Tensor>, name: string): Tensor {
  const gradient = gradients.get(name);
  if (!gradient) throw new Error(`no gradient reached ${name}`);
  return gradient;
}

/** The gradients times their factor. */
export function scaled({ tf }: Context, { gradients, factor }: Update): Map<string, Tensor> {
  return new Map([...gradients].map(([name, gradient]) => [name, factor ? tf.mul(gradient, factor) : gradient]));
}
