import type { AugmentOp } from '../op';

export const op: AugmentOp = { name: 'AutoContrast', set: 'both', argument: () => 0, step: () => ({ kind: 'auto-contrast' }) };
