/** The registry of presets: every file of presets/ contributes one. */
import { AppError } from '../errors';
import { nearestName } from '../nearest-name';
import type { Preset } from './preset';

const files = import.meta.glob<{ preset: Preset }>('./presets/*.ts', { eager: true });

function collect(): Map<string, Preset> {
  const presets = new Map<string, Preset>();
  for (const { preset } of Object.values(files)) {
    if (presets.has(preset.id)) throw new Error(`two presets are called ${preset.id}`);
    presets.set(preset.id, preset);
  }
  return presets;
}

const PRESETS = collect();

/** Returns the presets of all tasks. */
export const everyPreset = (): readonly Preset[] => [...PRESETS.values()];

/** Returns the presets that a task can train with. */
export const allPresets = (task = 'classify'): readonly Preset[] =>
  [...PRESETS.values()].filter((preset) => preset.task === undefined || preset.task === task);

/** Returns the preset of an id. @throws AppError not_found */
export function presetOf(id: string, task?: string): Preset {
  const presets = allPresets(task);
  const preset = presets.find((candidate) => candidate.id === id);
  if (preset) return preset;
  const names = presets.map((candidate) => candidate.id);
  throw new AppError({
    code: 'not_found',
    what: `There is no preset called ${id}.`,
    why: `The nearest is ${nearestName(id, names) ?? 'none'}; the presets are ${names.join(', ')}.`,
    next: 'Run `efficienttrain presets` to see them.',
    action: { id: 'choose_preset' },
  });
}
