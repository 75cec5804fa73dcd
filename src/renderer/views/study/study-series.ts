/** Makes series of line charts from a study's numbers. Pure. */
import type { Curve } from '../../../shared/contract/metrics';
import type { CheckpointsStudy, FrequencyStudy, StudyCurve } from '../../../shared/contract/studies';
import type { ChartSeries } from '../../charts/chart-model';
import type { BestMark } from '../../charts/line-chart';

type Point = { step: number; progress: number; top1: number; low: number; high: number };

/** @param epochs equivalent epochs of the whole run */
function curveOf(name: string, points: readonly Point[], epochs: number): Curve {
  const column = (of: (point: Point) => number): number[] => points.map(of);
  const compute = column(({ progress }) => progress * epochs);
  return {
    ...{ name, width: 1, step: column(({ step }) => step), mean: column(({ top1 }) => top1) },
    ...{ min: column(({ low }) => low), max: column(({ high }) => high) },
    ...{ epoch: compute, equivalent_epochs: compute, seconds: compute.map(() => 0), not_finite: 0, gaps: [] },
  };
}

const COLOURS = 5;
const DASHES = ['solid', 'dashed', 'dotted'] as const;
const MARKERS = ['circle', 'rect', 'triangle', 'diamond'] as const;

type Style = Pick<ChartSeries, 'token' | 'dash' | 'marker'>;

/**
 * Returns the style of a radius, from cool (the smallest) to warm; where there are more radii than colours, dashes
 * distinguish neighbours.
 * @param at from 0 @param count of radii
 */
export function radiusStyle(at: number, count: number): Style {
  const colour = count === 1 ? 0 : Math.round((at * (COLOURS - 1)) / (count - 1));
  return {
    token: `--stage-${colour}`,
    dash: count > COLOURS ? (DASHES[at % DASHES.length] as Style['dash']) : 'solid',
    marker: MARKERS[at % MARKERS.length] as Style['marker'],
  };
}

const PLAIN: Style = { token: '--text', dash: 'dashed', marker: 'circle' };

export const idOfCurve = ({ radius }: StudyCurve): string => (radius === null ? 'unfiltered' : `radius-${radius}`);

/** Returns the curves, the unfiltered one first, each with its interval as a band. */
export const frequencySeries = (
  { curves, equivalent_epochs }: FrequencyStudy,
  name: (radius: number | null) => string,
): ChartSeries[] =>
  curves
    .filter(({ curve }) => curve.length > 0)
    .map((of): ChartSeries => {
      const id = idOfCurve(of);
      const at = curves.filter(({ radius }) => radius !== null).indexOf(of);
      const style = of.radius === null ? PLAIN : radiusStyle(at, curves.length - 1);
      return {
        ...{ id, label: name(of.radius), ...style, smooth: false, band: true },
        curve: curveOf(id, of.curve, equivalent_epochs),
      };
    });

/** Returns hollow marks where curves leave the unfiltered one. */
export const leaveMarks = (study: FrequencyStudy, xAxis: 'step' | 'equivalent_epochs'): BestMark[] =>
  study.curves.flatMap((of): BestMark[] => {
    const point = of.curve.find(({ step }) => step === of.leaves?.step);
    if (!point) return [];
    const at = study.curves.filter(({ radius }) => radius !== null).indexOf(of);
    return [
      {
        x: xAxis === 'step' ? point.step : point.progress * study.equivalent_epochs,
        ...{ y: point.top1, label: '', series: idOfCurve(of) },
        token: radiusStyle(at, study.curves.length - 1).token,
      },
    ];
  });

const WEAK: Style = { token: '--series-1', dash: 'solid', marker: 'rect' };
const STRONG: Style = { token: '--series-5', dash: 'solid', marker: 'triangle' };

/** The views that a chart of checkpoints shows. */
export type ViewGroup = 'low_pass' | 'high_pass' | 'augmented';

const styleOf = (view: string, { radii }: CheckpointsStudy): Style => {
  if (view === 'weak') return WEAK;
  if (view === 'strong') return STRONG;
  const at = radii.indexOf(Number(view.split(':')[1]));
  return at < 0 ? PLAIN : radiusStyle(at, radii.length);
};

const isOf = (view: string, group: ViewGroup): boolean =>
  view === 'plain' || (group === 'augmented' ? ['weak', 'strong'].includes(view) : view.startsWith(`${group}:`));

/**
 * Returns top-1 over checkpoints in each view of a group, and without a filter. @param epochs equivalent epochs of the
 * run
 */
export const checkpointSeries = (
  study: CheckpointsStudy,
  group: ViewGroup,
  epochs: number,
  name: (view: string) => string,
): ChartSeries[] =>
  study.views
    .filter((view) => isOf(view, group))
    .map((view): ChartSeries => {
      const points = study.checkpoints.flatMap(({ step, progress, views }) => {
        const figures = views[view];
        return figures ? [{ step, progress, ...figures }] : [];
      });
      const look = { label: name(view), ...styleOf(view, study), smooth: false, band: true };
      return { id: view, ...look, curve: curveOf(view, points, epochs) };
    });
