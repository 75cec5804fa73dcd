import type { AugmentOp } from '../op';

export const op: AugmentOp = { name: 'Equalize', set: 'both', argument: () => 0, step: () => ({ kind: 'equalize' }) };
