/** Lists where a run departs from a paper's row, which a reader has to know before comparing the two accuracies. */
import type { RunConfig, ScheduleConfig } from '../run-config';
import { flatten, resolveConfig, type ResolveInput } from '../run-config-resolve';
import { modelOfRow } from './paper-model';
import { FIRST, PLAIN, type PublishedRow } from './row';

/** The training split of ImageNet-1K. */
export const PAPER_DATA = { images: 1_281_167, classes: 1000 };
/** The papers' batch. */
const BATCH = 4096;

/** Codes for translations. */
export const DEPARTURE_CODES = ['model', 'data', 'size', 'epochs', 'stages', 'batch', 'precision', 'recipe'] as const;
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

const shown = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

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

const presetOfRow = ({ method }: PublishedRow, model: ResolveInput['model']): string =>
  method.includes(PLAIN) || method === 'MAE' ? 'constant' : method === FIRST ? 'efficienttrain' : model.preset;

/** Returns the row as a configuration of this program. */
function configOfRow(row: PublishedRow, { config, model, paperModel }: HeldAgainst): RunConfig {
  const of = paperModel ?? model;
  return resolveConfig({
    dataset: config.dataset,
    model: of,
    preset: presetOfRow(row, of),
    flags: {
      task: of.task,
      size: row.size,
      'data.batch': BATCH,
      'schedule.equivalent_epochs': row.epochs ?? config.schedule.equivalent_epochs,
    },
  }).config;
}

/** Fields that do not affect a published number, and fields that have a departure of their own. */
const ELSEWHERE =
  /^(name|task|dataset|model|size|seed|init|init_key|branch|schedule\.(preset|share_of|equivalent_epochs|stages)|data\.(workers|prefetch_mb|batch|mean|std)|(engine|checkpoint|eval|branch)\..*)$/;

function recipeDepartures(own: RunConfig, published: RunConfig): Departure[] {
  const theirs = flatten(published);
  return Object.entries(flatten(own))
    .filter(([field, value]) => !ELSEWHERE.test(field) && shown(value) !== shown(theirs[field] ?? null))
    .map(([field, value]) => ({ code: 'recipe', field, own: shown(value), published: shown(theirs[field] ?? null) }));
}

export function departuresFrom(row: PublishedRow, run: HeldAgainst): Departure[] {
  const { config, model, images, classes } = run;
  const published = configOfRow(row, run);
  const found: (Departure | false)[] = [
    modelOfRow(row) !== model.id && { code: 'model', field: 'model', own: model.id, published: row.model },
    (images !== PAPER_DATA.images || classes !== PAPER_DATA.classes) && {
      ...{ code: 'data', field: 'dataset', own: `${images} images, ${classes} classes` },
      published: `${row.data}: ${PAPER_DATA.images} images, ${PAPER_DATA.classes} classes`,
    },
    config.size !== row.size && { code: 'size', field: 'size', own: `${config.size} px`, published: `${row.size} px` },
    row.epochs !== null &&
      config.schedule.equivalent_epochs !== row.epochs && {
        ...{ code: 'epochs', field: 'schedule.equivalent_epochs' },
        ...{ own: String(config.schedule.equivalent_epochs), published: String(row.epochs) },
      },
    stagesText(config.schedule) !== stagesText(published.schedule) && {
      ...{ code: 'stages', field: 'schedule.stages' },
      ...{ own: stagesText(config.schedule), published: stagesText(published.schedule) },
    },
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
  return [...found.filter((each) => each !== false), ...recipeDepartures(config, published)];
}

const SUBJECTS: Readonly<Record<DepartureCode, string>> = {
  model: 'It trains',
  data: 'It trains on',
  size: 'Its final size is',
  epochs: 'Its length in equivalent epochs is',
  stages: 'Its stages are',
  batch: 'Its batch is',
  precision: 'Its products are in',
  recipe: '',
};

/** Words a departure in one sentence: "Its final size is 128 px; the row has 224 px." */
export function departureText({ code, field, own, published }: Departure): string {
  const subject = code === 'recipe' ? `${field} is` : SUBJECTS[code];
  return `${subject} ${own}; the row has ${published}.`;
}
