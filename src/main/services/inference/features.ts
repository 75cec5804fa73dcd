/** Opens the graph of a feature with given weights, in this process. */
import { applyEngineEnvironment } from '../../engine/backend/environment';
import { featureProgram, openExtractor, type Extractor, type FeatureNetwork } from '../../engine/inference/features';
import { graphCacheFolder } from '../../base/home';
import { inferenceMemory } from '../preflight/memory-estimate';
import type { Subject } from './evaluation';
import { sayingMemory } from './inference-memory';

/** Opens the graph. @param more signatures beside that of the features, by name */
export function openFeatures(
  { home, model, values, preprocessing, batch, threads }: Omit<Subject, 'task' | 'config' | 'filter'>,
  feature: string,
  more: FeatureNetwork['more'] = {},
): Extractor {
  applyEngineEnvironment({ intraOpThreads: threads, interOpThreads: null });
  const network: FeatureNetwork = { model, preprocessing, batch, feature, more };
  const estimate = (): ReturnType<typeof inferenceMemory> =>
    inferenceMemory((images) => featureProgram({ ...network, batch: images }));
  const at = { size: preprocessing.size, batch, estimate };
  const extractor = openExtractor(network, graphCacheFolder(home), (executor) => sayingMemory(executor, at));
  extractor.executor.write(values);
  return extractor;
}
