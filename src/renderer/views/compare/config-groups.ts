/** Groups the fields of the runs' configurations as people compare them. */
export const CONFIG_GROUPS = ['schedule', 'recipe', 'data', 'machine'] as const;
export type ConfigGroup = (typeof CONFIG_GROUPS)[number];

const MACHINE = /^(engine\.|checkpoint\.|data\.(workers|prefetch_mb)$)/;
const SCHEDULE = /^(schedule\.|size$)/;
const DATA = /^(dataset$|eval\.|data\.(mean|std|crop_pct|interpolation|filter)$)/;

export function groupOf(field: string): ConfigGroup {
  if (MACHINE.test(field)) return 'machine';
  if (SCHEDULE.test(field)) return 'schedule';
  return DATA.test(field) ? 'data' : 'recipe';
}

interface Stage {
  bandwidth: number;
  magnitude: number;
  magnitude_end: number | null;
  share: number;
}

const isStages = (value: unknown): value is Stage[] =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.every((item: unknown) => typeof item === 'object' && item !== null && 'bandwidth' in item);

/** Writes a value as the configuration file does, shorter where that is long. */
export function valueText(value: unknown): string {
  if (value === null || value === undefined) return '–';
  if (isStages(value))
    return value.map(({ bandwidth, share }) => `${bandwidth}:${Number((100 * share).toFixed(1))}%`).join(' ');
  if (Array.isArray(value)) return value.map(valueText).join(', ');
  if (typeof value === 'object') return Object.values(value).map(valueText).join(' ');
  if (typeof value === 'number') return String(Number(value.toPrecision(6)));
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Writes what the short form leaves out. */
export const exactText = (value: unknown): string =>
  typeof value === 'object' && value !== null
    ? JSON.stringify(value, null, 1).replace(/\s+/g, ' ')
    : String(value ?? '');

/** Returns the fields. Names of runs always differ and are left out. */
export const fieldsOf = (configs: readonly (Readonly<Record<string, unknown>> | undefined)[]): string[] =>
  [...new Set(configs.flatMap((config) => Object.keys(config ?? {})))].filter((field) => field !== 'name').sort();

export const differs = (values: readonly unknown[]): boolean =>
  new Set(values.map((value) => JSON.stringify(value ?? null))).size > 1;
