import { plainEnhanceArgument, type AugmentOp } from '../op';
import { op as increasing } from './brightness-increasing';

export const op: AugmentOp = { ...increasing, name: 'Brightness', argument: plainEnhanceArgument };
