import type { Attr } from '../types';

export const FLOAT: Attr = { kind: 'type', value: 'float32' };
export const NHWC: Attr = { kind: 'string', value: 'NHWC' };
export const flag = (value: boolean): Attr => ({ kind: 'bool', value });
export const real = (value: number | number[]): Attr => ({ kind: 'float', value });
export const int = (value: number | number[]): Attr => ({ kind: 'int', value });
export const text = (value: string): Attr => ({ kind: 'string', value });
