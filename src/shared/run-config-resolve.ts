/** Makes a run's configuration out of its layers: default < model's recipe < preset < file < flags < --set. */
import type { z } from 'zod';
import { presetOf } from './curriculum/presets';
import { scheduleOf, type SizeRule } from './curriculum/stages';
import { AppError } from './errors';
import { nearestName } from './nearest-name';
import { runConfigSchema, type ConfigOrigin, type RunConfig } from './run-config';

type Fields = Record<string, unknown>;
type Layer = ConfigOrigin[string];

export interface ResolveInput {
  dataset: string;
  model: { id: string; size: number; preset: string; recipe: Record<string, unknown>; mean: readonly number[]; std: readonly number[]; interpolation: string } & SizeRule;
  /** Parsed configuration file: any part of the schema. */
  file?: Fields;
  /** Flags by dotted path. */
  flags: Record<string, unknown>;
  preset?: string;
  /** `a.b=c` texts of --set. */
  set?: readonly string[];
}

export interface Resolved {
  config: RunConfig;
  origin: ConfigOrigin;
}

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Leaves of a nested object by dotted path; a warm-up and a stage list count as one value. */
export function flatten(value: unknown, prefix = ''): Record<string, unknown> {
  if (!isFields(value) || 'unit' in value) return { [prefix]: value };
  return Object.assign({}, ...Object.entries(value).map(([key, item]) => flatten(item, prefix ? `${prefix}.${key}` : key))) as Record<string, unknown>;
}

function put(target: Fields, path: string, value: unknown): void {
  const keys = path.split('.');
  let at = target;
  for (const key of keys.slice(0, -1)) {
    const next = at[key];
    at[key] = isFields(next) ? next : {};
    at = at[key] as Fields;
  }
  at[keys.at(-1) as string] = value;
}

const refused = (what: string, why: string, next: string): AppError => new AppError({ code: 'invalid_config', what, why, next });

function parseSet(text: string): [string, unknown] {
  const equals = text.indexOf('=');
  if (equals < 1) throw new AppError({ code: 'usage', what: `--set ${text} is not of the form field=value.`, why: 'A field and its value are needed.', next: 'For example: --set optimizer.base_lr=1e-3' });
  const raw = text.slice(equals + 1);
  try {
    return [text.slice(0, equals), JSON.parse(raw)];
  } catch {
    // Not JSON, so it is a bare word, as in --set optimizer.name=sgd.
    return [text.slice(0, equals), raw];
  }
}

/** @throws AppError invalid_config naming every unknown or out-of-range field */
export function parseConfig(fields: unknown): RunConfig {
  const parsed = runConfigSchema.safeParse(fields);
  if (parsed.success) return parsed.data;
  const known = knownFields();
  const problems = parsed.error.issues.map((issue) => {
    const path = issue.path.join('.');
    if (issue.code !== 'unrecognized_keys') return `${path}: ${issue.message}`;
    return issue.keys
      .map((key) => {
        const full = path ? `${path}.${key}` : key;
        return `${full} is unknown; the nearest field is ${nearestName(full, known) ?? 'none'}`;
      })
      .join('; ');
  });
  throw refused('The configuration is not valid.', `${problems.join('. ')}.`, 'Correct the fields named; docs/cli.md lists them all.');
}

let fields: string[] | undefined;

/** Every field by dotted path. */
export function knownFields(): string[] {
  fields ??= Object.keys(flatten(defaultsOf({ dataset: '', model: '', size: 1, schedule: { stages: [{ bandwidth: 1, magnitude: 0, share: 1 }] } })));
  return fields;
}

const defaultsOf = (required: z.input<typeof runConfigSchema>): RunConfig => runConfigSchema.parse(required);

/** @throws AppError invalid_config, not_found (preset) */
export function resolveConfig({ dataset, model, file = {}, flags, preset, set = [] }: ResolveInput): Resolved {
  const sets = set.map(parseSet);
  const own = flatten(file);
  const chosen = (path: string, fallback: unknown): unknown => sets.findLast(([field]) => field === path)?.[1] ?? flags[path] ?? own[path] ?? fallback;
  const size = chosen('size', model.size) as number;
  const epochs = chosen('schedule.equivalent_epochs', 200) as number;
  const presetId = (preset ?? own['schedule.preset'] ?? model.preset) as string;
  const layers: [Layer, Record<string, unknown>][] = [
    ['model', { size: model.size, ...imageFields(model), ...scaledRecipe(model.recipe, epochs) }],
    ['preset', presetId === 'custom' ? {} : presetFields(presetId, size, model, epochs)],
    ['file', own],
    ['flag', { ...flags, dataset, model: model.id }],
    ['flag', Object.fromEntries(sets)],
  ];
  const merged: Fields = {};
  const origin: ConfigOrigin = {};
  for (const [layer, values] of layers) {
    for (const [path, value] of Object.entries(values)) {
      if (value === undefined || (path === 'schedule.preset' && layer === 'file' && preset)) continue;
      // A preset asked for by name replaces the file's stages.
      if (layer === 'file' && preset && path.startsWith('schedule.') && path !== 'schedule.equivalent_epochs') continue;
      put(merged, path, value);
      origin[path] = layer;
    }
  }
  return { config: parseConfig(merged), origin };
}

const imageFields = ({ mean, std, interpolation }: ResolveInput['model']): Record<string, unknown> => ({ 'data.mean': [...mean], 'data.std': [...std], 'data.interpolation': interpolation });

/** Stochastic depth scales with the length of the run: the recipe's rate is the one at 200 equivalent epochs. */
function scaledRecipe(recipe: Record<string, unknown>, epochs: number): Record<string, unknown> {
  const rate = recipe['model_args.drop_path_rate'];
  return typeof rate === 'number' ? { ...recipe, 'model_args.drop_path_rate': Math.min((rate * epochs) / 200, 0.9) } : recipe;
}

function presetFields(id: string, size: number, rule: SizeRule, epochs: number): Record<string, unknown> {
  const { preset, share_of, equivalent_epochs, stages } = scheduleOf(presetOf(id), size, rule, epochs);
  return { 'schedule.preset': preset, 'schedule.share_of': share_of, 'schedule.equivalent_epochs': equivalent_epochs, 'schedule.stages': stages };
}

/** Where a configuration departs from the published recipe: [field, recipe's value, value]. */
export function departures(config: RunConfig, model: ResolveInput['model']): [string, unknown, unknown][] {
  const recipe = resolveConfig({ dataset: config.dataset, model, flags: { size: config.size, 'schedule.equivalent_epochs': config.schedule.equivalent_epochs }, preset: config.schedule.preset === 'custom' ? model.preset : config.schedule.preset });
  const published = flatten(recipe.config);
  const ignored = /^(name|dataset|seed|init|engine\.|checkpoint\.|eval\.|data\.workers|data\.prefetch_mb)/;
  return Object.entries(flatten(config)).filter(([path, value]) => !ignored.test(path) && JSON.stringify(value) !== JSON.stringify(published[path])).map(([path, value]) => [path, published[path], value]);
}
