import { existsSync } from 'node:fs';
import { passesOf } from '../../../shared/curriculum/passes';
import { asPreset } from '../../../shared/curriculum/own-preset';
import type { Preset } from '../../../shared/curriculum/preset';
import { everyPreset, presetOf } from '../../../shared/curriculum/presets';
import { checkSize } from '../../../shared/curriculum/size-rule';
import { scheduleOf } from '../../../shared/curriculum/stages';
import { databasePath } from '../../base/home';
import { modelEntry } from '../../engine/models';
import { openStore } from '../../store/open';
import { listOwnPresets } from '../../store/own-presets';
import type { Command } from '../command';
import { percent, significant, table } from '../format';
import { needPositionals, numberOption, textOption } from '../options';

/** Lists the fields of a preset's recipe, one a line; nothing where it has none. */
function recipeText(recipe: Readonly<Record<string, unknown>> | null, model: string): string {
  if (!recipe) return '';
  const rows = Object.entries(recipe).map(([field, value]) => [field, JSON.stringify(value)]);
  return `\n\nRecipe for ${model}:\n${table(['field', 'value'], rows)}`;
}

/** Returns presets that were saved in the window or found by a search; none where there is no data folder yet. */
function ownPresets(home: string): Preset[] {
  const path = databasePath(home);
  if (!existsSync(path)) return [];
  const store = openStore(path, { alone: true });
  try {
    return listOwnPresets(store).map(({ id, schedule }) => asPreset(id, schedule));
  } finally {
    store.close();
  }
}

export const command: Command = {
  name: 'presets',
  summary: 'List the schedule presets, or lay one out for a size and a model.',
  positionals: '[PRESET]',
  options: {
    size: { type: 'string', value: 'PX', description: 'final image size (default 224)' },
    epochs: { type: 'string', value: 'E', description: "equivalent epochs (default 200, or a published recipe's own)" },
    model: {
      type: 'string',
      value: 'MODEL',
      description: 'model whose valid sizes count (default deit_tiny_patch16_224: multiples of 16)',
    },
  },
  examples: ['efficienttrain presets', 'efficienttrain presets efficienttrain++ --size 128 --model resnet18'],
  run: ({ positionals, values, home }) => {
    const [id] = needPositionals('presets', positionals, 0, 1);
    const size = numberOption(values, 'size', 224, 1);
    const model = modelEntry(textOption(values, 'model') ?? 'deit_tiny_patch16_224');
    checkSize(model.id, model.sizes, size);
    const all = [...everyPreset(), ...ownPresets(home)];
    const presets = (id === undefined ? all : [all.find((preset) => preset.id === id) ?? presetOf(id)]).map(
      (preset) => {
        const recipe = preset.recipe?.(model.id);
        const epochs = numberOption(values, 'epochs', recipe?.epochs ?? 200, 0);
        const schedule = scheduleOf(preset, size, model.sizes, epochs);
        const passes = passesOf(schedule, size);
        const stages = schedule.stages.map((stage, index) => ({ ...stage, passes: passes[index] as number }));
        return {
          id: preset.id,
          task: preset.task ?? null,
          title: preset.title,
          citation: preset.citation,
          share_of: preset.share_of,
          adaptive: preset.adaptive ?? null,
          equivalent_epochs: epochs,
          recipe: recipe && Object.keys(recipe.fields).length ? recipe.fields : null,
          passes: passes.reduce((sum, value) => sum + value, 0),
          stages,
        };
      },
    );
    const list = table(
      ['preset', 'task', 'epochs', 'passes', 'what'],
      presets.map((preset) => [
        preset.id,
        preset.task ?? 'any',
        String(preset.equivalent_epochs),
        preset.passes.toFixed(2),
        preset.title,
      ]),
    );
    const [only] = presets;
    const text =
      id === undefined || !only
        ? `${list}\n\nPasses at ${size} px for so many equivalent epochs.`
        : `${only.id}: ${only.title}\n${only.citation}\n\n${table(
            ['stage', 'B', 'm', `share of ${only.share_of}`, 'passes'],
            only.stages.map((stage, index) => [
              String(index + 1),
              String(stage.bandwidth),
              stage.magnitude_end === null
                ? significant(stage.magnitude)
                : `${significant(stage.magnitude, 3)}→${significant(stage.magnitude_end, 3)}`,
              percent(stage.share),
              stage.passes.toFixed(2),
            ]),
          )}\n\n${only.passes.toFixed(2)} passes at ${only.equivalent_epochs} equivalent epochs, ${size} px.${recipeText(only.recipe, model.id)}`;
    return Promise.resolve({ json: { presets }, text });
  },
};
