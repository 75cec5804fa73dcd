import type { AdaptiveConfig } from '../adaptive-config';

/** A schedule as data, at the papers' 224 px; scaled to any final size by stages.ts. */
export interface PresetStage {
  /**
   * Bandwidth at a final size of 224 px; `final` is always the run's own. At other sizes `middle` is half way from 96
   * px to the final size.
   */
  bandwidth: number | 'final' | { reference: number; elsewhere: 'middle' };
  magnitude: number;
  /** Magnitude at the stage's end where it rises within the stage. */
  magnitude_end?: number;
  share: number;
}

/** A preset's fields beside the schedule, which override the model's own recipe. */
export interface PresetRecipe {
  /** Equivalent epochs where none are asked for; null: as many as without a recipe. */
  epochs: number | null;
  /** Fields of the configuration by dotted path. */
  fields: Readonly<Record<string, unknown>>;
}

export interface Preset {
  id: string;
  title: string;
  citation: string;
  share_of: 'compute' | 'epochs';
  stages: readonly PresetStage[];
  /** How the run decides its borders itself; absent where stages have the shares above. */
  adaptive?: AdaptiveConfig;
  /** The task that it is for; absent: any. */
  task?: string;
  /** Returns a published recipe for the network of this id; absent: the schedule alone. */
  recipe?: (model: string) => PresetRecipe;
  /** Whether stochastic depth is that of 200 equivalent epochs at every length; otherwise it grows with the length. */
  fixed_drop_path?: boolean;
}

/** RandAugment's published magnitude, m0. */
export const FULL_MAGNITUDE = 9;

/** Makes ten slices of equal compute; the magnitude of each is its index (Wang et al., TPAMI 2024, sec. 5). */
export const tenSlices = (bandwidths: readonly number[]): PresetStage[] =>
  bandwidths.map((bandwidth, index) => ({
    bandwidth: bandwidth === 224 ? 'final' : bandwidth,
    magnitude: index,
    share: 0.1,
  }));
