/**
 * Places models by what their training costs and the accuracy that came of it: the papers' rows on ImageNet-1K, or this
 * data folder's own runs on one dataset. Pure.
 */
import { distinctSeries, type ScatterPoint } from '../../charts/scatter-model';
import type { ModelInfo, ModelSpeeds } from '../../../shared/contract/models';
import type { RunSummary } from '../../../shared/contract/runs';
import { seriesOfName } from '../../../shared/metrics';
import { PAPER_DATA } from '../../../shared/published/departures';
import { modelOfRow } from '../../../shared/published/paper-model';
import { PUBLISHED_RESULTS } from '../../../shared/published/results';
import { IMAGENET, PLAIN, TPAMI, type PublishedRow } from '../../../shared/published/row';
import { mean, std } from '../compare/spread';
import { macsOf } from '../new-run/macs';
import { onePerSeed, setupOf, type MeasuredRun } from '../runs/run-groups';
import { familiesOf, speedAt, type Speed } from './zoo-rows';

/** `time`: seconds on this machine; `compute`: multiply-adds. */
export const COSTS = ['time', 'compute'] as const;
export type Cost = (typeof COSTS)[number];

/** A training step computes about three forward passes: one forward, and two for the gradients. */
const FORWARD_PASSES = 3;

export interface AccuracyPoint extends ScatterPoint {
  model: string;
  /** The paper's row, and the speed by which its time is estimated; null for a point of own runs. */
  row: PublishedRow | null;
  speed: Speed | null;
  /** Own runs, one for each seed. */
  runs: readonly RunSummary[];
}

export interface Placed {
  points: AccuracyPoint[];
  links: AccuracyPoint[][];
  /** Names of results whose cost is not known. */
  without: string[];
}

export interface PlacedBy {
  models: readonly ModelInfo[];
  speeds: ModelSpeeds;
  batch: number;
  cost: Cost;
  familyName: (family: string) => string;
  rowName: (row: PublishedRow) => string;
}

interface ImageNetRow extends PublishedRow {
  top1: number;
  epochs: number;
}

/**
 * The newer paper's rows with an accuracy and a length. Its rows of masked autoencoders are left out: their accuracy is
 * that of a second training, whose cost the paper does not count.
 */
const ROWS = PUBLISHED_RESULTS.filter(
  (row): row is ImageNetRow => row.paper === TPAMI && row.data === IMAGENET && row.top1 !== null && row.epochs !== null,
);
/** The length at which the paper's tables report its curriculum. */
const REPORTED_EPOCHS = 200;

const isPlain = ({ method }: PublishedRow): boolean => method === PLAIN;
const isReported = (row: ImageNetRow): boolean => !isPlain(row) && row.epochs === REPORTED_EPOCHS;

const computeOf = (model: ModelInfo, size: number, images: number, epochs: number): number =>
  FORWARD_PASSES * macsOf(model)(size) * images * epochs;

function publishedPoint(row: ImageNetRow, model: ModelInfo, by: PlacedBy): AccuracyPoint | null {
  const { speeds, batch, cost, familyName, rowName } = by;
  const { images } = PAPER_DATA;
  const speed = cost === 'time' ? speedAt(model, speeds, { size: row.size, batch }) : null;
  if (cost === 'time' && !speed) return null;
  return {
    ...{ id: row.id, model: model.id, row, speed, runs: [], category: familyName(model.family) },
    ...{
      hollow: isPlain(row),
      name: rowName(row),
      label: isReported(row) ? row.model : '',
      spreadX: null,
      spreadY: null,
      y: row.top1,
    },
    x: speed ? (images * row.epochs) / speed.value : computeOf(model, row.size, images, row.epochs),
  };
}

/** Returns the lines of a model: its lengths by method, and the longest baseline to the reported curriculum. */
function linksOf(points: readonly AccuracyPoint[]): AccuracyPoint[][] {
  const sorted = points.toSorted((a, b) => a.x - b.x);
  const methods = [...Map.groupBy(sorted, ({ row }) => row?.method).values()].filter(({ length }) => length > 1);
  const plain = sorted.findLast(({ hollow }) => hollow);
  const reported = sorted.find(({ label }) => label);
  return plain && reported ? [...methods, [plain, reported]] : methods;
}

/** Places the papers' rows of the models. Their time is what their compute takes at this machine's speed. */
export function publishedPoints(by: PlacedBy): Placed {
  const placed: Placed = { points: [], links: [], without: [] };
  for (const model of by.models) {
    const rows = ROWS.filter((row) => modelOfRow(row) === model.id);
    const points = rows.map((row) => publishedPoint(row, model, by)).filter((point) => point !== null);
    placed.points.push(...points);
    placed.links.push(...linksOf(points));
    if (points.length < rows.length) placed.without.push(model.id);
  }
  return placed;
}

const isTop1 = (name: string): boolean => {
  const { split, metric } = seriesOfName(name);
  return split === 'val' && metric.id === 'top1';
};

/** Returns completed runs by their setup, one for each seed, where they are judged by the accuracy. */
function setupsOf(runs: readonly RunSummary[]): [MeasuredRun, ...MeasuredRun[]][] {
  const judged = runs.filter(({ state, best }) => state === 'completed' && best !== null && isTop1(best.metric));
  const groups = Map.groupBy(judged, (run) => `${setupOf(run)} ${run.best?.metric}`);
  return [...groups.values()].map(
    (group) => onePerSeed(group, group[0]?.best?.metric) as [MeasuredRun, ...MeasuredRun[]],
  );
}

/** Returns the datasets with runs that can be placed, by id. */
export const datasetsOf = (runs: readonly RunSummary[]): Map<string, string> =>
  new Map(setupsOf(runs).map(([{ dataset, dataset_name }]) => [dataset, dataset_name ?? dataset]));

function ownPoint(
  runs: readonly [MeasuredRun, ...MeasuredRun[]],
  model: ModelInfo,
  images: number | null,
  { cost, familyName }: PlacedBy,
): AccuracyPoint | null {
  const [{ id, size, equivalent_epochs, preset }] = runs;
  const compute = images === null ? null : computeOf(model, size, images, equivalent_epochs);
  const xs = cost === 'time' ? runs.map(({ wall_seconds }) => wall_seconds) : compute === null ? [] : [compute];
  if (!xs.length) return null;
  const values = runs.map(({ best }) => best.value);
  return {
    ...{ id, model: model.id, row: null, speed: null, runs, category: familyName(model.family) },
    ...{ hollow: preset === 'constant', name: `${model.id}, ${preset}`, label: model.id },
    ...{ x: mean(xs), y: mean(values), spreadX: std(xs), spreadY: std(values) },
  };
}

/** Places the runs of one dataset. @param images number of its training images; null: not known */
export function ownPoints(runs: readonly RunSummary[], images: number | null, by: PlacedBy): Placed {
  const byId = new Map(by.models.map((model) => [model.id, model]));
  const placed: Placed = { points: [], links: [], without: [] };
  for (const setup of setupsOf(runs)) {
    const model = byId.get(setup[0].model);
    const point = model && ownPoint(setup, model, images, by);
    if (point) placed.points.push(point);
    else if (model) placed.without.push(setup[0].name);
  }
  return placed;
}

/** Numbers a family's colour and marker, which are the same whichever models are shown. @param models all */
export function familySeries(
  models: readonly ModelInfo[],
  familyName: PlacedBy['familyName'],
): (name: string) => number {
  const names = familiesOf(models).map(({ id }) => familyName(id));
  return (name) => distinctSeries(Math.max(names.indexOf(name), 0));
}

export type Unit = readonly [name: string, size: number];

const UNITS: Readonly<Record<Cost, readonly Unit[]>> = {
  time: [
    ['s', 1],
    ['min', 60],
    ['h', 3600],
    ['d', 86_400],
  ],
  compute: [
    ['MMACs', 1e6],
    ['GMACs', 1e9],
    ['TMACs', 1e12],
    ['PMACs', 1e15],
    ['EMACs', 1e18],
  ],
};

/** Returns the largest unit of which the largest value is at least two. */
export function unitOf(cost: Cost, points: readonly AccuracyPoint[]): Unit {
  const most = Math.max(0, ...points.map(({ x }) => x));
  const [first] = UNITS[cost] as readonly [Unit];
  return UNITS[cost].findLast(([, size]) => most >= 2 * size) ?? first;
}

/** Converts the points of both to the unit. */
export function inUnit({ points, links, without }: Placed, [, size]: Unit): Placed {
  const converted = new Map(
    points.map((point) => [
      point,
      { ...point, x: point.x / size, spreadX: point.spreadX === null ? null : point.spreadX / size },
    ]),
  );
  const of = (point: AccuracyPoint): AccuracyPoint => converted.get(point) ?? point;
  return { points: points.map(of), links: links.map((link) => link.map(of)), without };
}
