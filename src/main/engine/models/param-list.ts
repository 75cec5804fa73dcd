import type { Layout, ParamSpec } from '../types';
import type { Initializer } from './initializers';
import { ones, zeros } from './initializers';
import { sizeOf } from '../size-of';

/** Collects a model's parameters in timm's state_dict order. */
export class ParamList {
  readonly specs: ParamSpec[] = [];

  add(
    name: string,
    layout: Layout,
    shape: number[],
    timmShape: number[],
    init: Initializer,
    { decay = true, trainable = true } = {},
  ): void {
    this.specs.push({ name, layout, shape, timmShape, trainable, decay, init: (seed) => init(seed, name, sizeOf(shape)) });
  }

  /** A vector or another tensor whose layout is timm's; never decayed. */
  plain(name: string, shape: number[], init: Initializer): void {
    this.add(name, 'same', shape, shape, init, { decay: false });
  }

  linear(name: string, width: number, out: number, weight: Initializer, bias: Initializer): void {
    this.add(`${name}.weight`, 'linear', [width, out], [out, width], weight);
    this.plain(`${name}.bias`, [out], bias);
  }

  conv(name: string, kernel: number, width: number, out: number, weight: Initializer): void {
    this.add(`${name}.weight`, 'conv', [kernel, kernel, width, out], [out, width, kernel, kernel], weight);
  }

  batchNorm(name: string, width: number, weight: Initializer = ones): void {
    this.plain(`${name}.weight`, [width], weight);
    this.plain(`${name}.bias`, [width], zeros);
    this.add(`${name}.running_mean`, 'same', [width], [width], zeros, { decay: false, trainable: false });
    this.add(`${name}.running_var`, 'same', [width], [width], ones, { decay: false, trainable: false });
  }

  layerNorm(name: string, width: number): void {
    this.plain(`${name}.weight`, [width], ones);
    this.plain(`${name}.bias`, [width], zeros);
  }
}

/** Trainable values. */
export const countParameters = (specs: readonly ParamSpec[]): number =>
  specs.reduce((sum, { shape, trainable }) => sum + (trainable ? sizeOf(shape) : 0), 0);
