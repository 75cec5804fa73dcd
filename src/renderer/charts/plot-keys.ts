/**
 * The keys of a chart: arrows move the crosshair of its group, plus and minus zoom, 0 and Escape show everything again.
 */
import type { ChartGroup } from './chart-group';
import type { ChartModel } from './chart-model';
import { stopAfter, stopsOf, zoomed } from './plot-stops';

const PAGE = 10;
const ZOOM_STEP = 0.5;

export interface KeyedPlot {
  model: ChartModel | null;
  group: ChartGroup;
}

export function plotKeys(plot: KeyedPlot): (event: KeyboardEvent) => void {
  function step(by: number): void {
    const { model, group } = plot;
    if (!model) return;
    const stops = stopsOf(model);
    if (stops.length) group.crosshair.value = stopAfter(stops, model.x, group.crosshair.value, by);
  }

  function zoomBy(factor: number): void {
    const { model, group } = plot;
    if (model) group.zoom.value = zoomed(model.x, group.crosshair.value, factor);
  }

  const whole = (): void => {
    plot.group.zoom.value = null;
  };
  const closer = (): void => zoomBy(ZOOM_STEP);
  const keys: Record<string, () => void> = {
    ArrowRight: () => step(1),
    ArrowLeft: () => step(-1),
    ArrowUp: () => step(1),
    ArrowDown: () => step(-1),
    PageUp: () => step(PAGE),
    PageDown: () => step(-PAGE),
    Home: () => step(-Infinity),
    End: () => step(Infinity),
    '+': closer,
    '=': closer,
    '-': () => (plot.group.zoom.value ? zoomBy(1 / ZOOM_STEP) : undefined),
    '0': whole,
  };

  function escape({ crosshair, zoom }: ChartGroup): void {
    if (crosshair.value === null && zoom.value === null) return;
    if (zoom.value) whole();
    crosshair.value = null;
  }

  return (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'Escape') {
      escape(plot.group);
      return;
    }
    const action = keys[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  };
}
