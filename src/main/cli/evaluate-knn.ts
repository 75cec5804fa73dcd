/** Runs `evaluate --knn`: it measures, without a classifier, how well the features of weights separate the classes. */
import { AppError } from '../../shared/errors';
import { checkedFeature } from '../engine/inference/features';
import { NEIGHBOURS } from '../engine/inference/knn';
import { loadSampleTable } from '../services/datasets/datasets';
import { measureKnn } from '../services/inference/knn';
import type { Subject } from '../services/inference/evaluation';
import type { Dataset } from '../store/datasets';
import type { Store } from '../store/open';
import type { CommandCall, CommandOption, CommandResult } from './command';
import { percent } from './format';
import { choiceOption, optionalCount, textOption } from './options';
import { progressWithEstimate } from './progress-estimate';

export const KNN_OPTIONS: Record<string, CommandOption> = {
  knn: { type: 'boolean', description: 'classify val by the nearest neighbours in train, in place of a classifier' },
  k: { type: 'string', value: 'N', description: `with --knn: neighbours that vote (default ${NEIGHBOURS})` },
  feature: {
    type: 'string',
    value: 'WHICH',
    description: 'with --knn: cls or mean (default cls where the model has one)',
  },
};

/** Refuses options that contradict each other. @throws AppError usage */
export function refuseContradictions({ values }: Pick<CommandCall, 'values'>): void {
  const isKnn = values['knn'] === true;
  const wrong = (isKnn ? ['split', 'dump', 'filter'] : ['k', 'feature']).find((name) => values[name] !== undefined);
  if (wrong === undefined) return;
  throw new AppError({
    code: 'usage',
    what: `--${wrong} can't be used ${isKnn ? 'with' : 'without'} --knn.`,
    why: isKnn
      ? 'It classifies the images of val, unfiltered, by their neighbours in train.'
      : 'It says how the nearest neighbours are found.',
    next: isKnn ? `Leave out --${wrong}.` : 'Add --knn.',
  });
}

/** Evaluates by k-NN. @throws AppError usage, bad_dataset */
export async function evaluateByNeighbours(
  { values, signal, progress }: CommandCall,
  store: Store,
  { subject, dataset, workers, weights }: { subject: Subject; dataset: Dataset; workers: number; weights: string },
): Promise<CommandResult> {
  const wanted =
    textOption(values, 'feature') === undefined ? null : choiceOption(values, 'feature', ['cls', 'mean'], 'cls');
  const feature = checkedFeature(subject.model, wanted);
  const k = optionalCount(values, 'k') ?? NEIGHBOURS;
  const [bank, asked] = [loadSampleTable(store, dataset, 'train'), loadSampleTable(store, dataset, 'val')];
  const {
    top1,
    queries,
    bank: voting,
  } = await measureKnn(subject, {
    ...{ feature, k, classes: dataset.classes.length, queries: asked, bank, workers, signal },
    onProgress: progressWithEstimate(progress, 'features'),
  });
  const text = [
    `${dataset.name}, ${queries} images of val by the ${k} nearest of ${voting} images of train, weights ${weights}`,
    `k-NN top-1 ${percent(top1)} (feature ${feature})`,
  ].join('\n');
  return { json: { knn: { top1, k, feature, train: voting, val: queries } }, text };
}
