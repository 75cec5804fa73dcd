import { starRelu as activate } from '../../layers/star-relu';
import { ones, zeros } from '../initializers';
import type { Module } from './module';
import { plain } from './params';

/** Applies StarReLU to rows [rows, width], with one scale and one bias of its own. */
export const starRelu = (name: string): Module => ({
  params: [plain(`${name}.scale`, [1], ones), plain(`${name}.bias`, [1], zeros)],
  shape: (input) => input,
  macs: () => 0,
  apply: ({ context, param }, x) => activate(context, x, param(`${name}.scale`), param(`${name}.bias`)),
});
