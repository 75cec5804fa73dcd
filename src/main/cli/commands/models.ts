import { sizeRuleText, type SizeRule } from '../../../shared/curriculum/size-rule';
import { modelEntries } from '../../engine/models';
import type { Command } from '../command';
import { significant, table } from '../format';

/** Returns `n x 16`, `n x 4 from 8` or `32..`. */
function sizesWord({ kind, step, min }: SizeRule): string {
  if (kind === 'any') return `${min}..`;
  return `n x ${step}${min > step ? ` from ${min}` : ''}`;
}

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
        sizes: { ...entry.sizes, rule: sizeRuleText(entry.sizes) },
        parameters: entry.parameters(1000),
        macs: entry.macs(entry.size),
      },
      ...{ preset: entry.preset, timm: entry.timm, timm_args: entry.timmArgs },
    }));
    const rows = models.map(({ id, family, size, sizes, parameters, macs, preset }) => [
      id,
      family,
      String(size),
      sizesWord(sizes),
      `${significant(parameters / 1e6, 3)} M`,
      `${significant(macs / 1e9, 3)} G`,
      preset,
    ]);
    return Promise.resolve({
      json: { models },
      text: `${table(['model', 'family', 'size', 'sizes', 'parameters', 'multiply-adds', 'preset'], rows)}\n\nParameters and multiply-adds at the default size and 1,000 classes. Sizes in px: "n x 32" are multiples of 32, "32.." is every size from 32.`,
    });
  },
};
