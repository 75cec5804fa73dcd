/** Checks whether trained weights fit a new run, and how they would be used. */
import type { DraftBody } from '../../../shared/contract/drafts';
import type { Transfer } from '../../../shared/contract/transfers';
import type { MachineDefaults } from '../../../shared/schedule-editor/draft-config';
import { layerOf, layerScales } from '../../engine/optim/layer-decay';
import { modelOf } from '../../engine/train/setup';
import type { Model } from '../../engine/types';
import type { Store } from '../../store/open';
import { resolveDraftRun } from './draft-run';
import { initialWeights } from './initial-weights';

/** Returns the factor of each layer, from the stem to the classifier. */
function scalesOf(model: Model, decay: number): number[] {
  const scales = layerScales(model, decay);
  const byLayer = new Map([...scales].map(([name, scale]) => [layerOf(name, model.layers), scale]));
  return [...byLayer].sort(([a], [b]) => a - b).map(([, scale]) => scale);
}

/**
 * Inspects a transfer.
 * @param draft with the weights in its `init`, and a dataset
 * @throws AppError weights_mismatch saying what does not fit; not_found, checkpoint_invalid, invalid_config,
 * bad_dataset
 */
export async function lookAtTransfer(
  home: string,
  store: Store,
  draft: DraftBody,
  machine: MachineDefaults,
): Promise<Transfer> {
  const { config, dataset } = resolveDraftRun(store, draft, machine);
  const model = modelOf(config, dataset.classes.length);
  const { report } = await initialWeights(home, store, config, dataset.classes.length);
  if (!report) throw new Error('a transfer without weights');
  const { loaded, head_replaced, norm_replaced, decoder, resized } = report;
  const { layer_decay: decay } = config.optimizer;
  return {
    ...{
      draft,
      parameters: model.params.length,
      loaded,
      head_new: head_replaced,
      norm_new: norm_replaced,
      decoder,
      resized,
    },
    layer_scales: decay === null ? null : scalesOf(model, decay),
  };
}
