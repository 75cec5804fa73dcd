import type { AugmentOp } from '../op';
import { tableStep } from '../step';

const STEP = tableStep((value) => 255 - value);

export const op: AugmentOp = { name: 'Invert', argument: () => 0, step: () => STEP };
