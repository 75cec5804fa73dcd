import type { Attr } from '../types';

export const FLOAT: Attr = { kind: 'type', value: 'float32' };
export const NHWC: Attr = { kind: 'string', value: 'NHWC' };
export const flag = (value: boolean): Attr => ({ kind: 'bool', value });
export const real = (value: number): Attr => ({ kind: 'float', value });
export const list = (value: number[]): Attr => ({ kind: 'int', value });
export const text = (value: string): Attr => ({ kind: 'string', value });

/** TensorFlow's explicit padding: the same number of pixels on all four sides. */
export const explicitPadding = (pixels: number): Record<string, Attr> =>
  pixels === 0
    ? { padding: text('VALID') }
    : { padding: text('EXPLICIT'), explicit_paddings: list([0, 0, pixels, pixels, pixels, pixels, 0, 0]) };
