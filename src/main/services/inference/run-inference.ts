/** Opens a run's weights in a graph, for several jobs and commands. */
import { findTask } from '../../engine/tasks';
import { checkedFeature, type Extractor } from '../../engine/inference/features';
import type { Inference } from '../../engine/inference/network';
import type { Preprocessing } from '../../engine/data/preprocessing';
import type { RunConfig } from '../../../shared/run-config';
import type { Store } from '../../store/open';
import { findRun } from '../../store/runs';
import { loadRunWeights, type RunWeights, type WeightChoice } from './checkpoints';
import { openEvaluation, type OpenEvaluation } from './evaluation';
import { openFeatures } from './features';
import { borrowDeviceToRead } from '../gpu/take-device';
import { openInference } from './inference';

interface Wanted {
  home: string;
  store: Store;
  /** Id, unique prefix of one, or name. */
  run: string;
  /** Number of images on the device at once; null: as many as in the run's own evaluations. */
  batch: number | null;
}

export interface FoundRun {
  found: RunWeights;
  preprocessing: Preprocessing;
}

export const preprocessingOf = ({ size, data }: RunConfig): Preprocessing => {
  const { crop_pct, interpolation, mean, std } = data;
  return { size, crop_pct, interpolation, mean, std };
};

/** Finds the weights. @throws AppError checkpoint_invalid, invalid_config */
async function find({ home, store, run, batch }: Wanted, choice: WeightChoice) {
  const found = await loadRunWeights(home, store, findRun(store, run), choice);
  const { config, model, values } = found;
  await borrowDeviceToRead(store, config.engine.device);
  const preprocessing = preprocessingOf(config);
  const weights = {
    home,
    model,
    values,
    preprocessing,
    batch: batch ?? config.eval.batch,
    threads: config.engine.intra_op_threads,
  };
  return { found, preprocessing, weights };
}

/** Opens a run for predictions. @throws AppError checkpoint_invalid, invalid_config */
export async function openRun(wanted: Wanted, choice: WeightChoice): Promise<FoundRun & { inference: Inference }> {
  const { weights, ...run } = await find(wanted, choice);
  return { ...run, inference: openInference(weights) };
}

/** Opens a run for measuring a split. @throws AppError checkpoint_invalid, invalid_config */
export async function openRunEvaluation(
  wanted: Wanted,
  choice: WeightChoice,
): Promise<FoundRun & { opened: OpenEvaluation }> {
  const { weights, ...run } = await find(wanted, choice);
  const { config } = run.found;
  return {
    ...run,
    opened: openEvaluation({ ...weights, config, task: findTask(config.task), filter: config.data.filter ?? null }),
  };
}

export interface RunFeatures extends FoundRun {
  feature: string;
  extractor: Extractor;
  /** Number of images on the device at once. */
  batch: number;
}

/**
 * Opens a run for features. @param wantedFeature null: the model's default @throws AppError checkpoint_invalid,
 * invalid_config, usage
 */
export async function openRunFeatures(
  wanted: Wanted,
  choice: WeightChoice,
  wantedFeature: string | null,
): Promise<RunFeatures> {
  const { weights, ...run } = await find(wanted, choice);
  const feature = checkedFeature(run.found.model, wantedFeature);
  return { ...run, feature, extractor: openFeatures(weights, feature), batch: weights.batch };
}
