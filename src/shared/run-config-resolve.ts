/** Makes a run's configuration out of its layers: default < model's recipe < preset < file < flags < --set. */
import type { z } from 'zod';
import { refuseUnknownPasses } from './curriculum/adaptive-problems';
import type { PresetRecipe } from './curriculum/preset';
import { presetOf } from './curriculum/presets';
import type { SizeRule } from './curriculum/size-rule';
import { scheduleOf } from './curriculum/stages';
import { AppError, type ErrorAction } from './errors';
import { nearestName } from './nearest-name';
import { runConfigSchema, withLaterFields, type ConfigOrigin, type RunConfig } from './run-config';

type Fields = Record<string, unknown>;
type Layer = ConfigOrigin[string];

export interface ResolveInput {
  dataset: string;
  model: {
    id: string;
    /** Task that trains the model unless another is chosen. */
    task: string;
    size: number;
    preset: string;
    recipe: Record<string, unknown>;
    mean: readonly number[];
    std: readonly number[];
    interpolation: string;
    sizes: SizeRule;
  };
  /** Parsed configuration file: any part of the schema. */
  file?: Fields;
  /** Flags by dotted path. */
  flags: Record<string, unknown>;
  preset?: string;
  /** Preset where none is asked for; absent: the task's, or the model's. */
  usualPreset?: string | undefined;
  /** `a.b=c` texts of --set. */
  set?: readonly string[];
}

export interface Resolved {
  config: RunConfig;
  origin: ConfigOrigin;
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Returns the leaves of a nested object by dotted path; a warm-up and a stage list count as one value. */
export function flatten(value: unknown, prefix = ''): Record<string, unknown> {
  if (!isFields(value) || 'unit' in value || 'radius' in value) return { [prefix]: value };
  // Object.fromEntries keeps a field called __proto__, which is then refused by name; an assignment would lose it.
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) => Object.entries(flatten(item, prefix ? `${prefix}.${key}` : key))),
  );
}

/** Makes an object without a prototype, so that a field called __proto__ is a field like others. */
const noFields = (): Fields => Object.create(null) as Fields;

/**
 * Sets a leaf; a key may also be the index of a list, as in schedule.stages.0.bandwidth. Values are copied: recipes are
 * shared.
 */
function put(target: Fields, path: string, value: unknown): void {
  const keys = path.split('.');
  let at = target;
  for (const key of keys.slice(0, -1)) {
    const next = Object.hasOwn(at, key) ? at[key] : undefined;
    at[key] = isFields(next) || Array.isArray(next) ? next : noFields();
    at = at[key] as Fields;
  }
  at[keys.at(-1) as string] = structuredClone(value);
}

const refused = (what: string, why: string, next: string, action?: ErrorAction): AppError =>
  new AppError({ code: 'invalid_config', what, why, next, action });

/** Parses `a.b=c`; an object sets the fields that it names. */
function parseSet(text: string): [string, unknown][] {
  const equals = text.indexOf('=');
  if (equals < 1)
    throw new AppError({
      code: 'usage',
      what: `--set ${text} is not of the form field=value.`,
      why: 'A field and its value are needed.',
      next: 'For example: --set optimizer.base_lr=1e-3',
    });
  return Object.entries(flatten(parseValue(text.slice(equals + 1)), text.slice(0, equals)));
}

function parseValue(raw: string): unknown {
  try {
    return JSON.parse(raw) as unknown;
  } catch {
    // The text is not JSON, so it is a bare word, as in --set optimizer.name=sgd.
    return raw;
  }
}

/** Finds the nearest field; a name without its section is compared with last names too. */
function nearestField(name: string): string | undefined {
  const known = knownFields();
  if (name.includes('.')) return nearestName(name, known);
  const last = nearestName(
    name,
    known.map((path) => path.slice(path.lastIndexOf('.') + 1)),
  );
  return known.find((path) => path.slice(path.lastIndexOf('.') + 1) === last);
}

/** Parses a configuration. @throws AppError invalid_config naming every unknown or out-of-range field */
export function parseConfig(fields: unknown): RunConfig {
  const parsed = runConfigSchema.safeParse(fields);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => {
    const path = issue.path.join('.');
    if (issue.code !== 'unrecognized_keys') return `${path}: ${issue.message}`;
    return issue.keys
      .map((key) => {
        const full = path ? `${path}.${key}` : key;
        return `${full} is unknown; the nearest field is ${nearestField(full) ?? 'none'}`;
      })
      .join('; ');
  });
  throw refused(
    'The configuration is not valid.',
    `${problems.join('. ')}.`,
    'Correct the fields named; docs/cli.md says where all are listed.',
  );
}

let fields: string[] | undefined;

/** Returns every field by dotted path. */
export function knownFields(): string[] {
  fields ??= Object.keys(
    flatten(
      defaultsOf({
        dataset: '',
        model: '',
        size: 1,
        mae: {},
        distillation: { teacher: 'run' },
        schedule: { stages: [{ bandwidth: 1, magnitude: 0, share: 1 }], adaptive: {} },
      }),
    ),
  );
  return fields;
}

const defaultsOf = (required: z.input<typeof runConfigSchema>): RunConfig => runConfigSchema.parse(required);

/** Resolves the layers. @throws AppError invalid_config, not_found (preset) */
export function resolveConfig({
  dataset,
  model,
  file = {},
  flags,
  preset,
  usualPreset,
  set = [],
}: ResolveInput): Resolved {
  const sets = Object.fromEntries(set.flatMap(parseSet));
  const own = flatten(file);
  const chosen = (path: string): unknown => sets[path] ?? flags[path] ?? own[path];
  const named = (sets['schedule.preset'] ?? preset) as string | undefined;
  const ownStages = 'schedule.stages' in sets || (named === undefined && 'schedule.stages' in own);
  const task = String(chosen('task') ?? model.task);
  const presetId = String(
    named ?? own['schedule.preset'] ?? (ownStages ? CUSTOM : (usualPreset ?? presetOfTask(task) ?? model.preset)),
  );
  const recipe = recipeOf(presetId, task, model.id);
  const size = (chosen('size') ?? model.size) as number;
  const epochs = (chosen('schedule.equivalent_epochs') ?? recipe?.epochs ?? DEFAULT_EPOCHS) as number;
  // Stages are made of these two, so they are checked before.
  if (!(Number.isInteger(size) && size > 0))
    throw refused(
      'The configuration is not valid.',
      `size: ${JSON.stringify(size)} is not a whole number of pixels.`,
      'Correct it, for example --size 224.',
      { id: 'correct_size', values: { example: 224 } },
    );
  if (!(typeof epochs === 'number' && epochs > 0))
    throw refused(
      'The configuration is not valid.',
      `schedule.equivalent_epochs: ${JSON.stringify(epochs)} is not a number above 0.`,
      'Correct it, for example --epochs 200.',
      { id: 'correct_epochs', values: { example: 200 } },
    );
  const layers: [Layer, Record<string, unknown>][] = [
    ['model', { size: model.size, ...imageFields(model), ...recipeAt(model.recipe, presetId, task, epochs) }],
    ['preset', { ...recipe?.fields, ...presetFields(presetId, task, { size, rule: model.sizes, epochs }) }],
    // A preset asked for by name replaces the file's stages.
    [
      'file',
      named === undefined ? own : Object.fromEntries(Object.entries(own).filter(([path]) => !STAGE_FIELDS.test(path))),
    ],
    ['flag', { ...flags, dataset, model: model.id }],
    ['flag', sets],
  ];
  const merged = noFields();
  const origin: ConfigOrigin = {};
  for (const [layer, values] of layers) {
    for (const [path, value] of Object.entries(values)) {
      if (value === undefined) continue;
      if (path.startsWith('optimizer.warmup.')) seedWarmup(merged);
      put(merged, path, value);
      origin[path] = layer;
    }
  }
  if (
    Object.keys({ ...flags, ...sets }).some(
      (path) => path.startsWith('schedule.stages') || path === 'schedule.share_of',
    )
  ) {
    put(merged, 'schedule.preset', 'custom');
    origin['schedule.preset'] = 'flag';
  }
  merged['task'] ??= model.task;
  withTaskSection(merged);
  withTeacherSection(merged);
  const config = parseConfig(merged);
  refuseUnknownPasses(config);
  return withStageEvaluation({ config, origin });
}

/** Keeps a task's own section with its task only. @throws AppError invalid_config */
function withTaskSection(merged: Fields): void {
  const given = merged['mae'] ?? null;
  if (merged['task'] === 'mae') merged['mae'] = given ?? {};
  else if (given !== null)
    throw refused(
      'The configuration is not valid.',
      `${Object.keys(given as Fields)
        .map((field) => `mae.${field}`)
        .join(', ')}: only the task mae has these fields, and the task is ${String(merged['task'])}.`,
      'Leave them out, or choose the task mae.',
    );
}

/**
 * Sets the weight of the teacher's part where nothing else is asked for: lambda = 0.1 with soft labels, and both parts
 * alike with hard ones (Touvron et al., ICML 2021, sec. 4 and 5). @throws AppError invalid_config
 */
function withTeacherSection(merged: Fields): void {
  const given = merged['distillation'] ?? null;
  if (!isFields(given)) return;
  if (merged['task'] !== 'classify')
    throw refused(
      'The configuration is not valid.',
      `distillation is only for the task classify, and the task is ${String(merged['task'])}.`,
      'Leave the teacher out, or choose the task classify.',
    );
  if ((given['teacher'] ?? '') === '')
    throw refused(
      'Distillation needs a teacher.',
      'Fields of distillation are set, and distillation.teacher is not.',
      'Name a run or a file of weights with --teacher, or leave the other fields out.',
    );
  given['alpha'] ??= given['kind'] === 'hard' ? 0.5 : 0.1;
}

/**
 * Measures a curriculum also at the size it trains at, unless a layer says otherwise. This is decided where a
 * configuration is made and not by the schema's default, so that a run frozen before continues as it began.
 */
function withStageEvaluation({ config, origin }: Resolved): Resolved {
  const path = 'eval.at_stage_size';
  if (origin[path] !== undefined || config.schedule.stages.every(({ bandwidth }) => bandwidth >= config.size))
    return { config, origin };
  return {
    config: { ...config, eval: { ...config.eval, at_stage_size: true } },
    origin: { ...origin, [path]: 'preset' },
  };
}

const DEFAULT_EPOCHS = 200;

/** Name of stages that come from no preset. */
const CUSTOM = 'custom';

/** Fields of a schedule that a preset sets. */
const STAGE_FIELDS = /^schedule\.(preset|stages|share_of|adaptive)(\.|$)/;

/** Lets one half of the warm-up, as in optimizer.warmup.value=5, be set by itself. */
function seedWarmup(merged: Fields): void {
  const optimizer = (merged['optimizer'] ??= {}) as Fields;
  optimizer['warmup'] ??= runConfigSchema.shape.optimizer.parse(undefined).warmup;
}

const imageFields = ({ mean, std, interpolation }: ResolveInput['model']): Record<string, unknown> => ({
  'data.mean': [...mean],
  'data.std': [...std],
  'data.interpolation': interpolation,
});

/**
 * Scales stochastic depth with the length of the run, unless the preset has it fixed: the recipe's rate is the one at
 * 200 equivalent epochs.
 */
function recipeAt(
  recipe: Record<string, unknown>,
  presetId: string,
  task: string,
  epochs: number,
): Record<string, unknown> {
  const rate = recipe['model_args.drop_path_rate'];
  const fixed = presetId !== CUSTOM && presetOf(presetId, task).fixed_drop_path;
  return typeof rate === 'number' && !fixed
    ? { ...recipe, 'model_args.drop_path_rate': Math.min((rate * epochs) / 200, 0.9) }
    : recipe;
}

/** The published recipe of a task that no model's recipe covers; it holds under any schedule. */
const TASK_PRESETS: Readonly<Record<string, string>> = { probe: 'probe-mae' };

export const presetOfTask = (task: string): string | undefined => TASK_PRESETS[task];

/** Returns the recipe of a preset, or else of the task, beside the schedule. */
function recipeOf(presetId: string, task: string, model: string): PresetRecipe | undefined {
  const named = presetId === CUSTOM ? undefined : presetOf(presetId, task).recipe;
  const usual = presetOfTask(task);
  return (named ?? (usual === undefined ? undefined : presetOf(usual, task).recipe))?.(model);
}

function presetFields(
  id: string,
  task: string,
  { size, rule, epochs }: { size: number; rule: SizeRule; epochs: number },
): Record<string, unknown> {
  if (id === CUSTOM) return { 'schedule.preset': id };
  const { preset, share_of, equivalent_epochs, stages, adaptive } = scheduleOf(presetOf(id, task), size, rule, epochs);
  return {
    'schedule.preset': preset,
    'schedule.share_of': share_of,
    'schedule.equivalent_epochs': equivalent_epochs,
    'schedule.stages': stages,
    'schedule.adaptive': adaptive,
  };
}

/** Lists where a configuration departs from the published recipe: [field, recipe's value, value]. */
export function departures(config: RunConfig, model: ResolveInput['model']): [string, unknown, unknown][] {
  const recipe = resolveConfig({
    dataset: config.dataset,
    model,
    flags: { task: config.task, size: config.size, 'schedule.equivalent_epochs': config.schedule.equivalent_epochs },
    ...(config.schedule.preset === CUSTOM ? {} : { preset: config.schedule.preset }),
  });
  const published = flatten(recipe.config);
  const ignored = /^(name|dataset|seed|init|branch|engine\.|checkpoint\.|eval\.|data\.workers|data\.prefetch_mb)/;
  // A run of an earlier version lacks later fields, whose defaults describe what it did.
  return Object.entries(flatten(withLaterFields(config)))
    .filter(([path, value]) => !ignored.test(path) && JSON.stringify(value) !== JSON.stringify(published[path]))
    .map(([path, value]) => [path, published[path], value]);
}
