/**
 * Chooses the images with which a run's own evaluations measure k-NN: fixed parts of train and val, small enough to
 * stay in memory.
 */
import { createEvalLoader, type EvalLoader, type EvalLoaderPlan } from '../../engine/data/loader/eval-loader';
import { featureSignature } from '../../engine/inference/features';
import { NEIGHBOURS } from '../../engine/inference/knn';
import type { RunSetup } from '../../engine/train/setup';
import type { KnnParts } from '../../engine/train/validation';
import type { SampleTable } from '../../engine/types';
import { pickSamples } from '../../engine/data/pick-samples';

/** Largest number of images of train that vote, and of val that are classified. */
const MOST = 2000;

export interface OpenKnn {
  parts: KnnParts;
  close: () => Promise<unknown>;
}

/**
 * Opens the images.
 * @param plan of the run's evaluation loader @param evalLoader serves the images of val where val has no more of them
 * @param classes of the dataset
 */
export function openKnn(
  workerFile: string,
  plan: EvalLoaderPlan,
  {
    evalLoader,
    train,
    classes,
    setup,
  }: { evalLoader: EvalLoader; train: SampleTable; classes: number; setup: RunSetup },
): OpenKnn {
  const part = (samples: SampleTable): EvalLoader =>
    createEvalLoader(workerFile, { ...plan, samples: pickSamples(samples, MOST) });
  const isShared = plan.samples.count <= MOST;
  const bank = part(train);
  const queries = isShared ? evalLoader : part(plan.samples);
  const signature = featureSignature(plan.size, plan.batch);
  return {
    parts: { signature, dim: setup.model.numFeatures, classes, k: NEIGHBOURS, queries, bank },
    close: () => Promise.all([bank.close(), ...(isShared ? [] : [queries.close()])]),
  };
}
