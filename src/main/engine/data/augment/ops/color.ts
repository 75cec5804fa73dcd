import { plainEnhanceArgument, type AugmentOp } from '../op';
import { op as increasing } from './color-increasing';

export const op: AugmentOp = { ...increasing, name: 'Color', argument: plainEnhanceArgument };
