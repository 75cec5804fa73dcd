import { lookUp } from '../../image/rgb';
import type { AugmentOp } from '../op';

const TABLE = Uint8Array.from({ length: 256 }, (_, value) => 255 - value);

export const op: AugmentOp = { name: 'Invert', set: 'both', argument: () => 0, apply: (image) => lookUp(image, TABLE) };
