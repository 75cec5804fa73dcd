import { modelEntries } from '../../engine/models';
import type { Command } from '../command';
import { significant, table } from '../format';

export const command: Command = {
  name: 'models',
  summary: 'List the models.',
  positionals: '',
  options: {},
  examples: ['efficienttrain models'],
  run: () => {
    const models = modelEntries().map((entry) => ({
      ...{
        id: entry.id,
        family: entry.family,
        size: entry.size,
        multiple: entry.multiple,
        parameters: entry.parameters(1000),
        macs: entry.macs(entry.size),
      },
      ...{ preset: entry.preset, timm: entry.timm, timm_args: entry.timmArgs },
    }));
    const rows = models.map(({ id, family, size, multiple, parameters, macs, preset }) => [
      id,
      family,
      String(size),
      String(multiple),
      `${significant(parameters / 1e6, 3)} M`,
      `${significant(macs / 1e9, 3)} G`,
      preset,
    ]);
    return Promise.resolve({
      json: { models },
      text: `${table(['model', 'family', 'size', 'multiple', 'parameters', 'multiply-adds', 'preset'], rows)}\n\nParameters and multiply-adds at the default size and 1,000 classes; input sizes are multiples of "multiple".`,
    });
  },
};
