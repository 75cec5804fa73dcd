import { availableParallelism, totalmem } from 'node:os';
import { validSizes } from '../../../shared/curriculum/size-rule';
import type { ModelInfo } from '../../../shared/contract/models';
import type { ModelEntry } from '../../engine/types';
import { measurementsOn } from '../../store/model-measurements';
import { runSpeeds } from '../../store/training-rates';
import type { Handlers } from '../core/context';
import { machineName } from '../preflight/measuring-machine';

/** Largest side for which the list has multiply-adds. */
const LARGEST = 512;
/** Number of ImageNet's classes, by which models are usually compared. */
const CLASSES = 1000;

function infoOf(entry: ModelEntry, classifier: string | null): ModelInfo {
  const { id, family, task, timm, size, sizes, preset, recipe, mean, std, interpolation } = entry;
  return {
    ...{ id, family, task, timm, size, sizes, preset, recipe, mean: [...mean], std: [...std], interpolation },
    ...{ own: { ...entry.own }, classifier, parameters: entry.parameters(CLASSES) },
    macs: validSizes(LARGEST, sizes).map((side): [number, number] => [side, entry.macs(side)]),
  };
}

let listed: ModelInfo[] | undefined;

export const handlers: Handlers<'models'> = {
  'models.list': async () => {
    if (listed) return listed;
    const [{ modelEntries }, { classifierOf }] = await Promise.all([
      import('../../engine/models'),
      import('../../engine/models/classifier-of'),
    ]);
    listed = modelEntries().map((entry) => infoOf(entry, classifierOf(entry)?.id ?? null));
    return listed;
  },
  'models.speeds': ({ store, gpus, settings }) => {
    const [gpu] = gpus.usable() ?? [];
    const threads = settings.get().intra_op_threads ?? availableParallelism();
    return {
      memory_total: gpu?.memory_total ?? totalmem(),
      measured: measurementsOn(store, machineName(threads, gpu?.name ?? null)),
      runs: runSpeeds(store),
    };
  },
  'models.tasks': async () =>
    (await import('../../engine/tasks')).allTasks().map(({ id, needsLabels, best }) => ({
      ...{ id, needs_labels: needsLabels, best },
    })),
};
