/** A run's frozen configuration: rows to read, and the command that starts the same run again. Pure. */
import type { RunDetails } from '../../../shared/contract/runs';
import { flatten } from '../../../shared/run-config-resolve';

export interface ConfigRow {
  field: string;
  value: unknown;
  origin: string;
  /** The published recipe's value, where this run differs from it. */
  recipe?: unknown;
}

export function configRows({
  config,
  origin,
  departures,
}: Pick<RunDetails, 'config' | 'origin' | 'departures'>): ConfigRow[] {
  const recipe = new Map(departures.map(([field, published]) => [field, published]));
  return Object.entries(flatten(config)).map(([field, value]) => ({
    ...{ field, value, origin: originOf(field, origin) },
    ...(recipe.has(field) ? { recipe: recipe.get(field) } : {}),
  }));
}

/** Returns the origin of a value; a compound one may have come in parts, as optimizer.warmup.value. */
function originOf(field: string, origin: Readonly<Record<string, string>>): string {
  const exact = origin[field];
  if (exact !== undefined) return exact;
  const part = Object.keys(origin).find((path) => path.startsWith(`${field}.`));
  return (part === undefined ? undefined : origin[part]) ?? 'default';
}

interface StageLike {
  bandwidth: number;
  magnitude: number;
  magnitude_end: number | null;
  share: number;
  batch: number | null;
}

const isStages = (value: unknown): value is StageLike[] =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.every((item) => typeof item === 'object' && item !== null && 'bandwidth' in item);

const rising = (from: number, to: number | null): string =>
  to === null || to === from ? `${from}` : `${from} → ${to}`;

/**
 * Formats a value for reading: a schedule line by line, anything else as it is.
 * @param magnitudes whether images are augmented with those of the stages
 */
export function valueLines(value: unknown, magnitudes = true): string[] {
  if (!isStages(value)) return [valueText(value)];
  return value.map(({ bandwidth, magnitude, magnitude_end, share, batch }) =>
    [
      `B ${bandwidth}`,
      ...(magnitudes ? [`m ${rising(magnitude, magnitude_end)}`] : []),
      `${Number((100 * share).toPrecision(4))} %`,
      ...(batch === null ? [] : [`batch ${batch}`]),
    ].join(' · '),
  );
}

export const valueText = (value: unknown): string =>
  typeof value === 'string' ? value : (JSON.stringify(value) ?? '–');

/** Fields with an option of `train` of their own. */
const OPTIONS: Record<string, string> = {
  'schedule.equivalent_epochs': 'epochs',
  'data.batch': 'batch',
  size: 'size',
  seed: 'seed',
  init: 'init',
};
/** Fields that --preset sets. */
const OF_PRESET = /^schedule\.(preset|stages|share_of)$/;

/** Quotes a text for a POSIX shell where needed. */
export const quoted = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;

/**
 * Writes `efficienttrain train …` with every field whose value comes from neither the defaults, the model nor the
 * preset.
 */
export function commandOf(details: Pick<RunDetails, 'config' | 'origin' | 'departures'>, dataset: string): string {
  const { config } = details;
  const custom = config.schedule.preset === 'custom';
  const parts = ['efficienttrain train', `--dataset ${quoted(dataset)}`, `--model ${quoted(config.model)}`];
  if (!custom) parts.push(`--preset ${quoted(config.schedule.preset)}`);
  parts.push(`--size ${config.size}`, `--epochs ${config.schedule.equivalent_epochs}`, `--batch ${config.data.batch}`);
  parts.push(`--seed ${config.seed}`);
  if (config.init !== null) parts.push(`--init ${quoted(config.init)}`);
  for (const { field, value, origin } of configRows(details)) {
    if (['name', 'dataset', 'model'].includes(field) || OPTIONS[field] !== undefined) continue;
    if (OF_PRESET.test(field) && (!custom || field === 'schedule.preset')) continue;
    const chosen = origin === 'flag' || origin === 'file' || (custom && OF_PRESET.test(field));
    if (chosen) parts.push(`--set ${quoted(`${field}=${valueText(value)}`)}`);
  }
  return parts.join(' ');
}
