import { scaleChannels } from '../../layers/scale-channels';
import type { Initializer } from '../initializers';
import type { Module } from './module';
import { plain } from './params';

/** Multiplies each channel of rows [rows, width] by a trained factor that has no weight decay. */
export const scale = (name: string, width: number, init: Initializer): Module => ({
  params: [plain(name, [width], init)],
  shape: (input) => input,
  macs: () => 0,
  apply: ({ context, param }, x) => scaleChannels(context, x, param(name)),
});
