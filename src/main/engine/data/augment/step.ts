/** Steps of RandAugment's ops in TypeScript. backend/native/kernels/exact computes the same bits (native-view.ts). */
import { affine, type Matrix } from '../image/affine';
import { autoContrast } from '../image/auto-contrast';
import { equalize } from '../image/equalize';
import { blend, lookUp, luma, type Rgb } from '../image/rgb';
import type { Filter } from '../image/resize';
import { smooth } from '../image/smooth';

/** Facts that a step needs beside its image. */
export interface OpContext {
  filter: Filter;
  /** Colour outside the image for geometric ops: the data's mean, 0..255. */
  fill: readonly [number, number, number];
}

/** The picture that a blend starts from: black, the mean of the image's gray, its gray, or the image smoothed. */
export type Against = 'black' | 'mean' | 'gray' | 'smooth';

export type Step =
  /** Maps every value through a table of 256. */
  | { kind: 'table'; table: Uint8Array }
  | { kind: 'auto-contrast' }
  | { kind: 'equalize' }
  /** Blends: a factor of 0 gives the other picture, 1 the image itself. */
  | { kind: 'blend'; against: Against; factor: number }
  | { kind: 'affine'; matrix: Matrix };

export const tableStep = (valueOf: (value: number) => number): Step => ({
  kind: 'table',
  table: Uint8Array.from({ length: 256 }, (_, value) => valueOf(value)),
});

function meanOf(gray: Uint8Array): number {
  let sum = 0;
  for (const value of gray) sum += value;
  return Math.trunc(sum / gray.length + 0.5);
}

const AGAINST: Record<Against, (image: Rgb) => number | Uint8Array> = {
  black: () => 0,
  mean: (image) => meanOf(luma(image)),
  gray: luma,
  smooth,
};

function applyStep(image: Rgb, step: Step, { filter, fill }: OpContext): Rgb {
  switch (step.kind) {
    case 'table':
      return lookUp(image, step.table);
    case 'auto-contrast':
      return autoContrast(image);
    case 'equalize':
      return equalize(image);
    case 'blend':
      return blend(image, AGAINST[step.against](image), step.factor);
    case 'affine':
      return affine(image, step.matrix, filter, fill);
  }
}

/** Applies the steps; the image itself stays unchanged. */
export const applySteps = (image: Rgb, steps: readonly Step[], context: OpContext): Rgb =>
  steps.reduce((at, step) => applyStep(at, step, context), image);
