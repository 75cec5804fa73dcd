import { plainEnhanceArgument, type AugmentOp } from '../op';
import { op as increasing } from './contrast-increasing';

export const op: AugmentOp = { ...increasing, name: 'Contrast', argument: plainEnhanceArgument };
