import { plainEnhanceArgument, type AugmentOp } from '../op';
import { op as increasing } from './sharpness-increasing';

export const op: AugmentOp = { ...increasing, name: 'Sharpness', argument: plainEnhanceArgument };
