/**
 * Makes the configurations of a search's runs. They are pure functions of the specification and the trial, so that a
 * resumed search makes the same.
 */
import type { SearchSpec } from '../../../shared/contract/searches';
import { FULL_MAGNITUDE } from '../../../shared/curriculum/preset';
import { cost } from '../../../shared/curriculum/stages';
import type { RunConfig, StageConfig } from '../../../shared/run-config';
import type { Problem, Schedule } from '../../../shared/search/problem';
import type { Prices } from '../../../shared/search/price';

export const problemOf = (spec: SearchSpec): Problem => ({
  ...{ algorithm: spec.algorithm, stages: spec.stages, candidates: spec.candidates, tolerance: spec.tolerance },
  ...{ seeds: spec.seeds, maxSeeds: spec.max_seeds, overlap: spec.overlap },
});

export const pricesOf = ({ baseline_cost, length, finetune_epochs, base }: SearchSpec): Prices => ({
  ...{ baseline: baseline_cost, size: base.size, length, finetune: finetune_epochs },
});

/**
 * Returns RandAugment's magnitude, which rises over the schedule from 0 to the published one, linearly in each stage.
 */
const magnitudeOf = (stages: number, border: number): number => Number(((FULL_MAGNITUDE * border) / stages).toFixed(6));

/**
 * Returns stages with equal shares. @param stages of the whole schedule @param bandwidths of the first stages, or of
 * all
 */
export const searchStages = (stages: number, bandwidths: Schedule): StageConfig[] =>
  bandwidths.map((bandwidth, stage) => ({
    ...{ bandwidth, magnitude: magnitudeOf(stages, stage), magnitude_end: magnitudeOf(stages, stage + 1) },
    ...{ share: 1 / bandwidths.length, batch: null, replay_times: 1 },
  }));

/** Measures only at the ends of stages, unless the configuration asks for more. */
const quiet = ({ eval: evaluation }: RunConfig, epochs: number): RunConfig['eval'] => ({
  ...evaluation,
  every: evaluation.every ?? 2 * epochs,
});

const nameOf = (search: string, schedule: Schedule | null, seed: number, suffix = ''): string =>
  `${search} ${schedule === null ? 'baseline' : schedule.join('-')} seed ${seed}${suffix}`;

/** Configures ordinary training at the final size. */
export const baselineConfig = ({ base }: SearchSpec, search: string, seed: number): RunConfig => ({
  ...base,
  ...{ name: nameOf(search, null, seed), seed, eval: quiet(base, base.schedule.equivalent_epochs) },
  checkpoint: { ...base.checkpoint, keep_last: 1 },
});

/**
 * Configures a trial. Algorithm 1 trains all stages, with equal passes and learning rates that follow the images seen;
 * algorithm 2 trains the first stages, with equal compute and the learning rates that they have in the whole schedule.
 * In both, first stages that two trials share are the same training.
 */
export function trialConfig(spec: SearchSpec, search: string, schedule: Schedule, seed: number): RunConfig {
  const { base, algorithm, stages, length } = spec;
  const passes = length / stages;
  const epochs =
    algorithm === 1
      ? schedule.reduce((sum, bandwidth) => sum + passes * cost(bandwidth, base.size), 0)
      : (length * schedule.length) / stages;
  return {
    ...base,
    ...{ name: nameOf(search, schedule, seed), seed, eval: quiet(base, epochs) },
    schedule: {
      ...base.schedule,
      ...{ preset: 'custom', share_of: algorithm === 1 ? 'epochs' : 'compute', equivalent_epochs: epochs },
      stages: searchStages(stages, schedule),
    },
    optimizer: { ...base.optimizer, lr_progress: algorithm === 1 ? 'images' : 'compute', lr_horizon: length },
    checkpoint: { ...base.checkpoint, keep_last: 1, stage_ends: true },
  };
}

/**
 * Configures a trial's stages and one more at the final size. Its learning rate is that of a run of this length, so it
 * ends at the lowest value.
 */
export function finetuneConfig(spec: SearchSpec, search: string, schedule: Schedule, seed: number): RunConfig {
  const { base, stages, length, finetune_epochs } = spec;
  const before = (length * schedule.length) / stages;
  const epochs = before + finetune_epochs;
  const trained = searchStages(stages, schedule).map((stage) => ({
    ...stage,
    share: before / epochs / schedule.length,
  }));
  const magnitude = magnitudeOf(stages, schedule.length);
  const share = finetune_epochs / epochs;
  const last = { bandwidth: base.size, magnitude, magnitude_end: null, share, batch: null, replay_times: 1 };
  return {
    ...base,
    ...{ name: nameOf(search, schedule, seed, ' fine-tuned'), seed, eval: quiet(base, epochs) },
    schedule: {
      ...{ ...base.schedule, preset: 'custom', share_of: 'compute', equivalent_epochs: epochs },
      stages: [...trained, last],
    },
    optimizer: { ...base.optimizer, lr_progress: 'compute', lr_horizon: null },
    checkpoint: { ...base.checkpoint, keep_last: 1 },
  };
}
