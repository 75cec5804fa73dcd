import type { ChartView } from '../../../src/renderer/charts/chart-model';
import type { Curve } from '../../../src/shared/contract/metrics';

/** A chart over steps as it is drawn at first. */
export const VIEW: ChartView = {
  xAxis: 'step',
  yScale: 'auto',
  smoothing: 0,
  log: false,
  unit: '',
  zoom: null,
  hidden: new Set(),
  all: false,
  stacked: false,
  columns: 400,
  rows: 200,
};

/** Makes a curve of points, each a second and a hundredth of an epoch after the one before. */
export function curveOf(values: readonly number[], over: Partial<Curve> = {}): Curve {
  const step = over.step ?? values.map((_, index) => index + 1);
  return {
    ...{ name: 'train/loss', width: 1, step, mean: [...values], min: [...values], max: [...values] },
    epoch: step.map((at) => at / 100),
    equivalent_epochs: step.map((at) => at / 200),
    seconds: step.map((at) => at / 10),
    not_finite: 0,
    gaps: [],
    ...over,
  };
}

/** Returns reproducible values that look like noise. */
export const noise = (index: number): number => {
  const value = Math.sin(index * 12.9898) * 43758.5453;
  return value - Math.floor(value);
};
