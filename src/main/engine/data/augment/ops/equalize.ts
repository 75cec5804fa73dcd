import type { AugmentOp } from '../op';

export const op: AugmentOp = { name: 'Equalize', argument: () => 0, step: () => ({ kind: 'equalize' }) };
