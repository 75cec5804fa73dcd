import type { ModelInfo } from '../../../shared/contract/models';
import type { ModelEntry } from '../../engine/types';
import type { Handlers } from '../core/context';

/** Largest side that the list brings multiply-adds for. */
const LARGEST = 512;
/** ImageNet's classes, by which models are usually compared. */
const CLASSES = 1000;

function infoOf(entry: ModelEntry): ModelInfo {
  const { id, family, task, timm, size, multiple, minSize, preset, recipe, mean, std, interpolation } = entry;
  const first = Math.max(Math.ceil(minSize / multiple), 1);
  const sides = Array.from({ length: Math.floor(LARGEST / multiple) - first + 1 }, (_, index) => (first + index) * multiple);
  return {
    ...{ id, family, task, timm, size, multiple, minSize, preset, recipe, mean: [...mean], std: [...std], interpolation },
    parameters: entry.parameters(CLASSES),
    macs: sides.map((side): [number, number] => [side, entry.macs(side)]),
  };
}

let listed: ModelInfo[] | undefined;

export const handlers: Handlers<'models'> = {
  'models.list': async () => {
    listed ??= (await import('../../engine/models')).modelEntries().map(infoOf);
    return listed;
  },
  'models.tasks': async () =>
    (await import('../../engine/tasks')).allTasks().map(({ id, needsLabels, best }) => ({
      ...{ id, needs_labels: needsLabels, best },
    })),
};
