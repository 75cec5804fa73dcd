/** Turns a schedule that the user has saved, or that a search has found, into a preset, written for 224 px. */
import type { ScheduleFile } from '../contract/drafts';
import type { Preset, PresetStage } from './preset';

/** The final size in px that presets are written for. */
const REFERENCE_SIZE = 224;

/** Returns a saved schedule as a preset. Bandwidths below the final size are scaled to 224 px. */
export const asPreset = (id: string, { title, share_of, size, stages, adaptive }: ScheduleFile): Preset => ({
  ...{ id, title, citation: 'Saved here', share_of },
  ...(adaptive && { adaptive }),
  stages: stages.map(({ bandwidth, magnitude, magnitude_end, share }): PresetStage => ({
    bandwidth: bandwidth === size ? 'final' : (bandwidth * REFERENCE_SIZE) / size,
    ...{ magnitude, share },
    ...(magnitude_end !== null && { magnitude_end }),
  })),
});
