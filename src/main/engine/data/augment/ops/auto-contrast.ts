import type { AugmentOp } from '../op';

export const op: AugmentOp = { name: 'AutoContrast', argument: () => 0, step: () => ({ kind: 'auto-contrast' }) };
