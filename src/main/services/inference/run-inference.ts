/** A run's weights in an open evaluation graph, as several jobs need it. */
import type { Executor } from '../../engine/types';
import type { Store } from '../../store/open';
import { findRun } from '../../store/runs';
import { borrowDeviceToRead } from '../gpu/take-device';
import { loadRunWeights, type RunWeights, type WeightChoice } from './checkpoints';
import { openInference, type InferenceOptions } from './inference';

export interface OpenRun {
  found: RunWeights;
  options: InferenceOptions;
  executor: Executor;
}

/** @param batch null: the run's own of evaluation @throws AppError checkpoint_invalid, invalid_config */
export async function openRun(
  { home, store, run, batch }: { home: string; store: Store; run: string; batch: number | null },
  choice: WeightChoice,
): Promise<OpenRun> {
  const found = await loadRunWeights(home, store, findRun(store, run), choice);
  const { size, data, engine, eval: evaluation } = found.config;
  await borrowDeviceToRead(store, engine.device);
  const { crop_pct, interpolation, mean, std } = data;
  const options: InferenceOptions = {
    ...{ home, model: found.model, values: found.values, preprocessing: { size, crop_pct, interpolation, mean, std } },
    ...{ batch: batch ?? evaluation.batch, threads: engine.intra_op_threads },
  };
  return { found, options, executor: openInference(options) };
}
