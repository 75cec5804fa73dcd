/** Lists where a run departs from a paper's row, which a reader has to know before comparing the two accuracies. */
import type { RunConfig, ScheduleConfig } from '../run-config';
import { flatten, resolveConfig, type ResolveInput } from '../run-config-resolve';
import { modelOfRow } from './paper-model';
import { FIRST, PLAIN, PLUS_PLUS, type PublishedRow } from './row';

/** The training split of ImageNet-1K. */
export const PAPER_DATA = { images: 1_281_167, classes: 1000 };
/** ImageNet-22K (the release of autumn 2011, all of which is for training). */
const LARGE_DATA = { images: 14_197_122, classes: 21_841 };
/** The papers' batch. */
const BATCH = 4096;

/** Codes for translations. */
export const DEPARTURE_CODES = [
  ...(['model', 'method', 'data', 'size', 'epochs', 'stages', 'batch', 'precision', 'recipe', 'authors'] as const),
] as const;
export type DepartureCode = (typeof DEPARTURE_CODES)[number];

export interface Departure {
  code: DepartureCode;
  /** Field of the configuration. */
  field: string;
  own: string;
  published: string;
}

export interface HeldAgainst {
  config: RunConfig;
  model: ResolveInput['model'];
  /** The network of the row, where it is known; otherwise the run's recipe is used for it. */
  paperModel: ResolveInput['model'] | null;
  images: number;
  classes: number;
}

const shown = (value: unknown): string =>
  value === null ? 'none' : typeof value === 'string' ? value : JSON.stringify(value);

/** Formats stages as "96 x2, 160 x4, 224 x4; m 0, 1, 2". */
export function stagesText({ stages }: Pick<ScheduleConfig, 'stages'>): string {
  const groups: { bandwidth: number; count: number }[] = [];
  for (const { bandwidth } of stages) {
    const last = groups.at(-1);
    if (last?.bandwidth === bandwidth) last.count++;
    else groups.push({ bandwidth, count: 1 });
  }
  const sides = groups.map(({ bandwidth, count }) => (count > 1 ? `${bandwidth} x${count}` : String(bandwidth)));
  const magnitudes = stages.map(({ magnitude, magnitude_end: end }) =>
    end === null || end === magnitude ? String(magnitude) : `${magnitude} to ${end}`,
  );
  return `B ${sides.join(', ')}; m ${magnitudes.join(', ')}`;
}

/**
 * Says whether the row was trained in mixed precision; null where it is not known (released scripts of the TPAMI
 * paper).
 */
function precisionOf({ model }: PublishedRow): boolean | null {
  if (/^(DeiT|Swin|CSWin)/.test(model)) return true;
  return /^(ResNet|ConvNeXt)/.test(model) ? false : null;
}

function presetOfRow({ method }: PublishedRow, model: ResolveInput['model']): string {
  if (method.includes(PLUS_PLUS)) return model.preset;
  return method.includes(FIRST) ? 'efficienttrain' : 'constant';
}

const isPretraining = ({ where }: PublishedRow): boolean => where === 'Masked autoencoders';
const isLarge = ({ data }: PublishedRow): boolean => data.startsWith('ImageNet-22K');
/** Says whether the row is of one of this program's methods; the papers also list others for comparison. */
const isOwnMethod = ({ method }: PublishedRow): boolean =>
  method === PLAIN || method.startsWith('MAE') || method.includes(FIRST);
/** The recipe of ImageNet-22K, and of the methods for comparison, is not published with the row. */
const hasRecipe = (row: PublishedRow): boolean => isOwnMethod(row) && !isLarge(row);

/**
 * Says whether EfficientTrain++ has published the settings of the row. No script or table has those of PVT, CAFormer
 * and masked autoencoders; a run is then compared with the recipe of the network's own authors.
 */
const isRecipePublished = (row: PublishedRow): boolean => !isPretraining(row) && !/^(PVT|CAFormer)/.test(row.model);

/** Says by which method a run trains, in the papers' words. */
const methodOf = ({ task }: RunConfig): string => (task === 'mae' ? 'MAE' : 'classification');

/** The length at which a recipe's stochastic depth is as published. */
const AT_RECIPE = { 'schedule.equivalent_epochs': 200 };

/** Returns the row as a configuration of this program. */
function configOfRow(row: PublishedRow, { config, model, paperModel }: HeldAgainst): RunConfig {
  const of = paperModel ?? model;
  const base = { dataset: config.dataset, model: of, preset: presetOfRow(row, of) };
  return resolveConfig({
    ...base,
    flags: {
      // Only the curricula scale stochastic depth with their length; a baseline has its recipe's rate at any.
      ...(row.method === PLAIN && {
        'model_args.drop_path_rate': resolveConfig({ ...base, flags: AT_RECIPE }).config.model_args.drop_path_rate,
      }),
      task: of.task,
      size: row.size,
      'data.batch': BATCH,
      'schedule.equivalent_epochs': row.epochs ?? config.schedule.equivalent_epochs,
      ...(of.task === 'mae' && row.method.includes('HOG') ? { 'mae.target': 'hog' } : {}),
    },
  }).config;
}

/** Fields that do not affect a published number, and fields that have a departure of their own. */
const ELSEWHERE =
  /^(name|task|dataset|model|size|seed|init|init_key|branch|schedule\.(preset|share_of|equivalent_epochs|stages)|data\.(workers|prefetch_mb|batch|mean|std)|(engine|checkpoint|eval|branch)\..*)$/;

function recipeDepartures(row: PublishedRow, own: RunConfig, published: RunConfig): Departure[] {
  const theirs = flatten(published);
  const code = isRecipePublished(row) ? 'recipe' : 'authors';
  return Object.entries(flatten(own))
    .filter(([field, value]) => !ELSEWHERE.test(field) && shown(value) !== shown(theirs[field] ?? null))
    .map(([field, value]) => ({ code, field, own: shown(value), published: shown(theirs[field] ?? null) }));
}

function modelDeparture(row: PublishedRow, { id }: HeldAgainst['model']): Departure | false {
  const theirs = modelOfRow(row);
  const published = theirs === null ? row.model : `${row.model} (${theirs})`;
  return theirs !== id && { code: 'model', field: 'model', own: id, published };
}

function methodDeparture(row: PublishedRow, config: RunConfig): Departure | false {
  const [own, published] = [methodOf(config), isPretraining(row) ? row.method : 'classification'];
  const same = isOwnMethod(row) && (config.task === 'mae') === isPretraining(row);
  return !same && { code: 'method', field: 'task', own, published };
}

/** Pre-training needs no classes, so their number does not count there. */
function dataDeparture(row: PublishedRow, { images, classes }: HeldAgainst): Departure | false {
  const theirs = isLarge(row) ? LARGE_DATA : PAPER_DATA;
  const same = images === theirs.images && (isPretraining(row) || classes === theirs.classes);
  return (
    !same && {
      ...{ code: 'data', field: 'dataset', own: `${images} images, ${classes} classes` },
      published: `${row.data}: ${theirs.images} images, ${theirs.classes} classes`,
    }
  );
}

export function departuresFrom(row: PublishedRow, run: HeldAgainst): Departure[] {
  const { config, model } = run;
  const published = configOfRow(row, run);
  const found: (Departure | false)[] = [
    modelDeparture(row, model),
    methodDeparture(row, config),
    dataDeparture(row, run),
    config.size !== row.size && { code: 'size', field: 'size', own: `${config.size} px`, published: `${row.size} px` },
    row.epochs !== null &&
      config.schedule.equivalent_epochs !== row.epochs && {
        ...{ code: 'epochs', field: 'schedule.equivalent_epochs' },
        ...{ own: String(config.schedule.equivalent_epochs), published: String(row.epochs) },
      },
    isOwnMethod(row) &&
      stagesText(config.schedule) !== stagesText(published.schedule) && {
        ...{ code: 'stages', field: 'schedule.stages' },
        ...{ own: stagesText(config.schedule), published: stagesText(published.schedule) },
      },
    isOwnMethod(row) &&
      config.data.batch !== BATCH && {
        ...{ code: 'batch', field: 'data.batch', own: String(config.data.batch), published: String(BATCH) },
      },
    precisionOf(row) !== null &&
      precisionOf(row) !== config.engine.autocast && {
        ...{ code: 'precision', field: 'engine.autocast' },
        own: config.engine.autocast ? 'bfloat16' : 'float32',
        published: precisionOf(row) ? 'mixed precision' : 'float32',
      },
  ];
  return [
    ...found.filter((each) => each !== false),
    ...(hasRecipe(row) ? recipeDepartures(row, config, published) : []),
  ];
}

const SUBJECTS: Readonly<Record<DepartureCode, string>> = {
  model: 'It trains',
  method: 'Its method is',
  data: 'It trains on',
  size: 'Its final size is',
  epochs: 'Its length in equivalent epochs is',
  stages: 'Its stages are',
  batch: 'Its batch is',
  precision: 'Its products are in',
  recipe: '',
  authors: '',
};

/** Words a departure in one sentence: "Its final size is 128 px; the row has 224 px." */
export function departureText({ code, field, own, published }: Departure): string {
  if (code === 'authors')
    return `${field} is ${own}; the row's is not published, and the network's authors have ${published}.`;
  const subject = code === 'recipe' ? `${field} is` : SUBJECTS[code];
  return `${subject} ${own}; the row has ${published}.`;
}
