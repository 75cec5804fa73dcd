/** Descriptions of parameters, in timm's names and layouts, as a list per layer in the order of timm's state_dict. */
import { sizeOf } from '../../size-of';
import type { Layout, ParamSpec } from '../../types';
import { ones, zeros, type Initializer } from '../initializers';

export interface ParamShape {
  layout: Layout;
  /** Shape in the layout used here. */
  shape: readonly number[];
  timmShape: readonly number[];
}

export type ParamOptions = Partial<Pick<ParamSpec, 'decay' | 'trainable' | 'resampled'>>;

/** Describes a parameter. By default it is trained and decays. */
export function param(
  name: string,
  { layout, shape, timmShape }: ParamShape,
  init: Initializer,
  { decay = true, trainable = true, ...rest }: ParamOptions = {},
): ParamSpec {
  return { name, layout, shape, timmShape, trainable, decay, init: (seed) => init(seed, name, sizeOf(shape)), ...rest };
}

/**
 * Describes a tensor whose layout is timm's: a vector, a token, a table. It has no weight decay unless `decay` is set.
 */
export function plain(
  name: string,
  shape: readonly number[],
  init: Initializer,
  options: ParamOptions = {},
): ParamSpec {
  return param(name, { layout: 'same', shape, timmShape: shape }, init, { decay: false, ...options });
}

/** Describes `<name>.weight` [width, out] and `<name>.bias` [out]; with null there is no bias. */
export function linearParams(
  name: string,
  width: number,
  out: number,
  weight: Initializer,
  bias: Initializer | null,
): ParamSpec[] {
  return [
    param(`${name}.weight`, { layout: 'linear', shape: [width, out], timmShape: [out, width] }, weight),
    ...(bias ? [plain(`${name}.bias`, [out], bias)] : []),
  ];
}

/** Describes `<name>.weight` [kernel, kernel, width, out]. */
export function convParams(name: string, kernel: number, width: number, out: number, weight: Initializer): ParamSpec[] {
  const shape = {
    layout: 'conv',
    shape: [kernel, kernel, width, out],
    timmShape: [out, width, kernel, kernel],
  } as const;
  return [param(`${name}.weight`, shape, weight)];
}

/** Describes a convolution of p x p pixels with stride p as a matrix: `<name>.weight` [p * p * width, out]. */
export function patchParams(
  name: string,
  { patch, width, out }: { patch: number; width: number; out: number },
  weight: Initializer,
): ParamSpec[] {
  const shape = {
    layout: 'patch',
    shape: [patch * patch * width, out],
    timmShape: [out, width, patch, patch],
  } as const;
  return [param(`${name}.weight`, shape, weight)];
}

/** Describes `weight`, `bias` [width], and the running statistics, which are not trained. */
export function batchNormParams(name: string, width: number, weight: Initializer = ones): ParamSpec[] {
  return [
    plain(`${name}.weight`, [width], weight),
    plain(`${name}.bias`, [width], zeros),
    plain(`${name}.running_mean`, [width], zeros, { trainable: false }),
    plain(`${name}.running_var`, [width], ones, { trainable: false }),
  ];
}

/** Describes weight and bias [width] of a layer norm. Neither decays. */
export const layerNormParams = (name: string, width: number, bias = true): ParamSpec[] => [
  plain(`${name}.weight`, [width], ones),
  ...(bias ? [plain(`${name}.bias`, [width], zeros)] : []),
];

/** Returns the number of trainable values. */
export const countParameters = (specs: readonly ParamSpec[]): number =>
  specs.reduce((sum, { shape, trainable }) => sum + (trainable ? sizeOf(shape) : 0), 0);
