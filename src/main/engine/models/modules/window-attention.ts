/**
 * Attention inside the windows of a square map, as in Swin (Liu et al., ICCV 2021, sec. 3.2), in timm's names. A
 * stage's windows follow the image's size: their number stays the same, and their side is the map's divided by it. One
 * table of relative positions, stored for the final size, therefore serves all sizes.
 */
import { linear as product } from '../../layers/linear';
import { relativePositionBias, resampledTable, windowOfTable } from '../../layers/relative-position-bias';
import { regionMask, windowAttention as attend } from '../../layers/window-attention';
import { windowOrder, windowRegions, type Windows } from '../../layers/windows';
import type { ParamSpec } from '../../types';
import { normal, zeros } from '../initializers';
import type { Module } from './module';
import { linearParams, plain } from './params';
import { lengthOf } from './self-attention';

export interface WindowAttentionOptions {
  dim: number;
  heads: number;
  /** Number of windows along a side of the map. */
  windows: number;
  /** Whether the map is rolled by half a window first. A map that is one window is not rolled. */
  shifted: boolean;
  /** Side of a window at the final size, for which the table is stored. */
  stored: number;
}

/**
 * Describes the table [(2 stored - 1)^2, heads], which timm lays out the same. timm and the authors exempt it from
 * weight decay.
 */
function tableParam(name: string, { stored, heads }: WindowAttentionOptions): ParamSpec {
  return plain(name, [(2 * stored - 1) ** 2, heads], normal(0.02), {
    resampled: (values, shape) => {
      const window = shape.length === 2 && shape[1] === heads ? windowOfTable(shape[0] as number) : null;
      return window === null ? null : resampledTable(values, window, stored, heads);
    },
  });
}

/** Describes the attention: flat tokens [N * L, dim] -> [N * L, dim]. @param name prefix of the parameters' names */
export function windowAttention(name: string, options: WindowAttentionOptions): Module {
  const { dim, heads, windows, shifted, stored } = options;
  const table = tableParam(`${name}.relative_position_bias_table`, options);
  const weight = normal(0.02);
  const cutsOf = (side: number): Windows => {
    const window = side / windows;
    return { side, height: window, width: window, shift: shifted && windows > 1 ? Math.floor(window / 2) : 0 };
  };

  return {
    params: [
      table,
      ...linearParams(`${name}.qkv`, dim, 3 * dim, weight, zeros),
      ...linearParams(`${name}.proj`, dim, dim, weight, zeros),
    ],
    shape: (input) => input,
    macs: (input) => {
      const length = input[0] as number;
      return length * dim * dim * 4 + (2 * length * length * dim) / (windows * windows);
    },
    apply: (pass, x) => {
      const { context, param } = pass;
      const cuts = cutsOf(Math.sqrt(lengthOf(pass, x)));
      const length = cuts.height * cuts.width;
      const packed = product(context, x, param(`${name}.qkv.weight`), param(`${name}.qkv.bias`));
      const values = attend(context, packed, {
        ...{ heads, length, bias: relativePositionBias(context, param(table.name), stored, cuts.width) },
        ...(windows > 1 ? { order: windowOrder(cuts) } : {}),
        ...(cuts.shift ? { mask: regionMask(context, windowRegions(cuts), length) } : {}),
      });
      return product(context, values, param(`${name}.proj.weight`), param(`${name}.proj.bias`));
    },
  };
}
