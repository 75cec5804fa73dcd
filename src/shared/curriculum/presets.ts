/** The presets: every file of presets/ brings one. */
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

export const allPresets = (): readonly Preset[] => [...PRESETS.values()];

/** @throws AppError not_found */
export function presetOf(id: string): Preset {
  const preset = PRESETS.get(id);
  if (preset) return preset;
  throw new AppError({
    code: 'not_found',
    what: `There is no preset called ${id}.`,
    why: `The nearest is ${nearestName(id, [...PRESETS.keys()]) ?? 'none'}; the presets are ${[...PRESETS.keys()].join(', ')}.`,
    next: 'Run `efficienttrain presets` to see them.',
  });
}
