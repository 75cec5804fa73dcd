/** Describes a model as the host describes it to the window, at the sizes that the tests use. */
import { modelEntry } from '../../../src/main/engine/models';
import type { ModelInfo } from '../../../src/shared/contract/models';
import { validSizes } from '../../../src/shared/curriculum/size-rule';

export function info(id: string): ModelInfo {
  const { family, task, timm, size, sizes, preset, recipe, interpolation, parameters, macs } = modelEntry(id);
  return {
    ...{ id, family, task, timm, size, sizes, preset, recipe, interpolation, own: {}, classifier: null },
    ...{ mean: [0, 0, 0], std: [1, 1, 1], parameters: parameters(1000) },
    macs: validSizes(256, sizes).map((side): [number, number] => [side, macs(side)]),
  };
}
