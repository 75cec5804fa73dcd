import { checkSize } from '../../../shared/curriculum/size-rule';
import type { Model, ModelEntry, ModelOptions } from '../types';
import { probed } from './probed';
import { countParameters } from './modules/params';

/**
 * Makes a variant's entry in the registry. Its cost and number of parameters follow from the network itself. Its
 * `create` refuses sizes that its rule does not take.
 */
export function entryOf(
  facts: Omit<ModelEntry, 'create' | 'parameters' | 'macs'>,
  create: (options: ModelOptions) => Model,
): ModelEntry {
  // Other tasks have no classes.
  const plainModel = (classes: number): Model =>
    create({
      num_classes: facts.task === 'classify' ? classes : 0,
      img_size: facts.size,
      drop_path_rate: 0,
      drop_rate: 0,
    });
  return {
    ...facts,
    create: (options) => {
      checkSize(facts.id, facts.sizes, options.img_size);
      return options.probe ? probed(create({ ...options, num_classes: 0 }), options) : create(options);
    },
    parameters: (numClasses) => countParameters(plainModel(numClasses).params),
    macs: (size, numClasses = 1000) => plainModel(numClasses).macs(size),
  };
}
