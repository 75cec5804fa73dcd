/** Predicts with given weights, in this process: images in, the most probable classes out. */
import { AppError } from '../../../shared/errors';
import { applyEngineEnvironment } from '../../engine/backend/environment';
import { evaluationView } from '../../engine/data/augment/evaluation';
import type { Rgb } from '../../engine/data/image/rgb';
import { topProbabilities } from '../../engine/tasks/accuracy';
import { inferenceProgram, openNetwork, type Inference, type Network } from '../../engine/inference/network';
import type { Preprocessing } from '../../engine/data/preprocessing';
import { graphCacheFolder } from '../../base/home';
import { inferenceMemory, type MemoryByBatch } from '../preflight/memory-estimate';
import { sayingMemory } from './inference-memory';

export interface InferenceOptions extends Network {
  home: string;
  /** Values by timm's name, in the layouts used inside. */
  values: Record<string, Float32Array>;
  threads: number | null;
}

/** Opens the inference graph with the weights in it. */
export function openInference({ home, threads, values, ...network }: InferenceOptions): Inference {
  applyEngineEnvironment({ intraOpThreads: threads, interOpThreads: null });
  const estimate = (): MemoryByBatch | null => inferenceMemory((batch) => inferenceProgram({ ...network, batch }));
  const at = { size: network.preprocessing.size, batch: network.batch, estimate };
  const inference = openNetwork(network, graphCacheFolder(home), (executor) => sayingMemory(executor, at));
  inference.executor.write(values);
  return inference;
}

export interface ClassProbability {
  class: string;
  probability: number;
}

/** Makes the error for scores that are not finite, which have no most probable class. */
const notFinite = (name: string): AppError =>
  new AppError({
    code: 'non_finite',
    what: `The model gives no prediction for ${name}: its scores are not finite numbers.`,
    why: 'Its weights lead to values beyond the range of 32-bit floating point.',
    next: 'Use another checkpoint (--checkpoint last or best) or other weights (--weights raw or ema).',
    action: { id: 'other_weights' },
  });

/** Returns the five most probable classes of an image, most probable first. @throws AppError non_finite */
export function predictImage(
  { logits }: Inference,
  image: Rgb,
  { preprocessing, classes, name }: { preprocessing: Preprocessing; classes: readonly string[]; name: string },
): ClassProbability[] {
  const { size, crop_pct, interpolation } = preprocessing;
  const view = evaluationView(image, size, crop_pct, interpolation);
  const top5 = topProbabilities(logits(view.data, 1), 5);
  if (!top5.length) throw notFinite(name);
  return top5.map(({ label, probability }) => ({ class: classes[label] ?? String(label), probability }));
}
