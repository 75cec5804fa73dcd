/** Makes the rows of the zoo at one size and batch: each model's figures, and how they are known. Pure. */
import type { ModelInfo, ModelMeasurement, ModelSpeeds, RunSpeed } from '../../../shared/contract/models';
import { nearestSizes, refusalOf } from '../../../shared/curriculum/size-rule';
import { headlineOf, type Gain } from '../../../shared/published/gains';
import { macsOf } from '../new-run/macs';

/**
 * Bytes for a parameter: weight, gradient and AdamW's two moments, each of 4 bytes, are the least that a step needs.
 */
const STATE_BYTES = 16;

/** `scaled`: measured at `from` px and scaled by multiply-adds, which is an estimate. */
export type Speed =
  | { how: 'measured'; value: number; measurement: ModelMeasurement }
  | { how: 'run'; value: number; run: RunSpeed }
  | { how: 'scaled'; value: number; from: number };

/** `estimated`: from the step's trace; `least`: the memory of the parameters' state alone. */
export interface Memory {
  how: 'measured' | 'estimated' | 'least';
  bytes: number;
}

export interface ZooRow {
  model: ModelInfo;
  /** Multiply-adds at the chosen size; null where the model refuses it. */
  macs: number | null;
  /** Valid sizes on both sides of a refused one. */
  nearest: number[];
  speed: Speed | null;
  memory: Memory;
  /** Whether the estimate exceeds the memory that a step can have on this machine. */
  tooLarge: boolean;
  gain: Gain | null;
}

export interface At {
  size: number;
  batch: number;
}

const isAt =
  ({ size, batch }: At) =>
  (other: At): boolean =>
    other.size === size && other.batch === batch;

type Own = Pick<ModelSpeeds, 'measured' | 'runs'>;

/**
 * Returns the speed: that of training steps alone before that of a run, and that before one measured at another size.
 */
function speedOf(own: Own, at: At, macs: (side: number) => number): Speed | null {
  const measurement = own.measured.find(isAt(at));
  if (measurement && measurement.images_per_second !== null)
    return { how: 'measured', value: measurement.images_per_second, measurement };
  // No step is known to fit on this machine, so no speed is shown.
  if (measurement) return null;
  const run = own.runs.find(isAt(at));
  if (run) return { how: 'run', value: run.images_per_second, run };
  const others = own.measured.filter(
    ({ batch, images_per_second }) => batch === at.batch && images_per_second !== null,
  );
  const [nearest] = others.toSorted((a, b) => Math.abs(a.size - at.size) - Math.abs(b.size - at.size));
  if (!nearest) return null;
  const value = ((nearest.images_per_second ?? 0) * macs(nearest.size)) / macs(at.size);
  return { how: 'scaled', value, from: nearest.size };
}

/** Returns the model's speed at a size and a batch, as it is known on this machine. */
export const speedAt = (model: ModelInfo, { measured, runs }: Own, at: At): Speed | null =>
  speedOf(
    {
      measured: measured.filter((each) => each.model === model.id),
      runs: runs.filter((each) => each.model === model.id),
    },
    at,
    macsOf(model),
  );

function memoryOf({ parameters }: ModelInfo, own: Own, at: At): Memory {
  const measurement = own.measured.find(isAt(at));
  if (!measurement) return { how: 'least', bytes: STATE_BYTES * parameters };
  const how = measurement.images_per_second === null ? 'estimated' : 'measured';
  return { how, bytes: measurement.memory_bytes };
}

function rowOf(model: ModelInfo, speeds: ModelSpeeds, at: At): ZooRow {
  const refused = refusalOf(model.sizes, at.size) !== null;
  const macs = macsOf(model);
  const own = {
    measured: speeds.measured.filter((each) => each.model === model.id),
    runs: speeds.runs.filter((each) => each.model === model.id),
  };
  const memory = memoryOf(model, own, at);
  return {
    ...{ model, macs: refused ? null : macs(at.size), nearest: refused ? nearestSizes(model.sizes, at.size) : [] },
    ...{ speed: refused ? null : speedOf(own, at, macs), memory, tooLarge: memory.bytes > speeds.memory_total },
    gain: headlineOf(model.id),
  };
}

export const zooRows = (models: readonly ModelInfo[], speeds: ModelSpeeds, at: At): ZooRow[] =>
  models.map((model) => rowOf(model, speeds, at));

export const SORTS = ['name', 'parameters', 'macs', 'memory', 'speed', 'gain'] as const;
export type SortBy = (typeof SORTS)[number];

export interface Sort {
  by: SortBy;
  descending: boolean;
}

const KEYS: Readonly<Record<Exclude<SortBy, 'name'>, (row: ZooRow) => number | null>> = {
  parameters: ({ model }) => model.parameters,
  macs: ({ macs }) => macs,
  memory: ({ memory }) => memory.bytes,
  speed: ({ speed }) => speed?.value ?? null,
  gain: ({ gain }) => gain?.curriculum.top1 ?? null,
};

/**
 * Sorts the rows. Those without a number come last in both directions. By name, families keep their order, and each is
 * sorted from small to large.
 */
export function sorted(rows: readonly ZooRow[], { by, descending }: Sort): ZooRow[] {
  const sign = descending ? -1 : 1;
  if (by === 'name') {
    return rows.toSorted(
      ({ model: a }, { model: b }) =>
        sign * a.family.localeCompare(b.family) || sign * (a.parameters - b.parameters) || a.id.localeCompare(b.id),
    );
  }
  const key = KEYS[by];
  return rows.toSorted((one, other) => {
    const [a, b] = [key(one), key(other)];
    if (a === null || b === null) return Number(a === null) - Number(b === null);
    return sign * (a - b);
  });
}

/** Returns the rows whose name or family contains every word of the text. @param families none: all */
export function fitting(rows: readonly ZooRow[], text: string, families: ReadonlySet<string>): ZooRow[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter(
    ({ model: { id, family } }) =>
      (families.size === 0 || families.has(family)) && words.every((word) => `${id} ${family}`.includes(word)),
  );
}

export interface Family {
  id: string;
  count: number;
  /** Numbers of parameters of the smallest and of the largest. */
  range: [number, number];
}

export const familiesOf = (models: readonly ModelInfo[]): Family[] =>
  [...Map.groupBy(models, ({ family }) => family)]
    .map(([id, own]): Family => {
      const parameters = own.map((model) => model.parameters);
      return { id, count: own.length, range: [Math.min(...parameters), Math.max(...parameters)] };
    })
    .sort((a, b) => a.id.localeCompare(b.id));
