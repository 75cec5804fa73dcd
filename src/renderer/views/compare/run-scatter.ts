/** Places the compared runs in a scatter. Pure. */
import { scatterModel, type ScatterInput, type ScatterModel, type ScatterPoint } from '../../charts/scatter-model';
import type { Quantity } from './quantities';
import type { SeedGroup } from './seed-groups';
import { mean, std } from './spread';

export const COLOURS = ['model', 'preset', 'dataset', 'run'] as const;
export type ColourBy = (typeof COLOURS)[number];

export interface RunPoint extends ScatterPoint {
  group: SeedGroup;
}

export interface RunScatter extends ScatterModel<RunPoint> {
  /** Runs that lack one of the two values. */
  without: SeedGroup[];
}

export interface RunScatterInput extends Pick<ScatterInput<RunPoint>, 'duration' | 'columns' | 'rows'> {
  groups: readonly SeedGroup[];
  x: Quantity;
  y: Quantity;
  colour: ColourBy;
}

function categoryOf({ runs: [run], name }: SeedGroup, colour: ColourBy): string {
  if (colour === 'run') return name;
  if (colour === 'dataset') return run.dataset_name ?? run.dataset;
  return run[colour];
}

const valuesOf = ({ runs }: SeedGroup, { valueOf }: Quantity): number[] =>
  runs.map(valueOf).filter((value) => value !== null && Number.isFinite(value)) as number[];

export function runScatter({ groups, colour, ...input }: RunScatterInput): RunScatter {
  const points: RunPoint[] = [];
  const without: SeedGroup[] = [];
  for (const group of groups) {
    const [xs, ys] = [valuesOf(group, input.x), valuesOf(group, input.y)];
    if (!xs.length || !ys.length) without.push(group);
    else
      points.push({
        ...{ group, id: group.id, name: group.name, label: group.name, category: categoryOf(group, colour) },
        ...{ x: mean(xs), y: mean(ys), spreadX: std(xs), spreadY: std(ys) },
      });
  }
  const own = (name: string, at: number): number =>
    points.find(({ category }) => category === name)?.group.series ?? at;
  return { ...scatterModel({ ...input, points, ...(colour === 'run' ? { seriesOf: own } : {}) }), without };
}
