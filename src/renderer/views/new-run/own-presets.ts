import type { Result } from '../../../shared/contract';

export type OwnPreset = Result<'drafts.presets'>[number];
