/**
 * Measures the k-NN accuracy of given weights: every image of one split is classified by its neighbours among all of
 * another.
 */
import { createEvalLoader, type EvalLoader } from '../../engine/data/loader/eval-loader';
import { featureSignature } from '../../engine/inference/features';
import { evaluateKnn, type KnnResult } from '../../engine/train/knn-evaluation';
import { SIMILARITIES, similaritySignature } from '../../engine/inference/similarities';
import type { SampleTable } from '../../engine/types';
import { entryPath } from '../../base/entry';
import { refuseUnread, type Subject } from './evaluation';
import { openFeatures } from './features';

export interface KnnOptions {
  /** `cls` or `mean`. */
  feature: string;
  /** Number of neighbours that vote. */
  k: number;
  classes: number;
  queries: SampleTable;
  bank: SampleTable;
  workers: number;
  signal: AbortSignal;
  /** Called with the number of images of both splits whose features have been computed. */
  onProgress: (done: number, total: number) => void;
}

/** Measures. @throws AppError bad_dataset where a file can't be read; what the signal was aborted with */
export async function measureKnn(subject: Omit<Subject, 'filter'>, options: KnnOptions): Promise<KnnResult> {
  const { feature, k, classes, queries, bank, workers, signal, onProgress } = options;
  const { size, crop_pct: cropPct, interpolation } = subject.preprocessing;
  const { batch, model } = subject;
  const { executor } = openFeatures(subject, feature, { [SIMILARITIES]: similaritySignature(model.numFeatures) });
  const [asked, voting] = [queries, bank].map((samples) =>
    createEvalLoader(entryPath('loader-worker'), {
      ...{ samples, size, cropPct, interpolation, batch, workers, keepBytes: 0 },
    }),
  ) as [EvalLoader, EvalLoader];
  const total = queries.count + bank.count;
  try {
    const result = await evaluateKnn({
      ...{ executor, signature: featureSignature(size, batch), dim: model.numFeatures, classes, k },
      ...{ queries: asked, bank: voting, stop: () => signal.aborted },
      onProgress: (images) => onProgress(Math.min(images, total), total),
    });
    if (!result) throw signal.reason;
    refuseUnread(asked.problems(), queries.count);
    refuseUnread(voting.problems(), bank.count);
    return result;
  } finally {
    executor.dispose();
    await Promise.all([asked.close(), voting.close()]);
  }
}
