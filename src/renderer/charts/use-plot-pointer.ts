/**
 * Mouse and keys over a plot: the crosshair of its group moves, dragging zooms, a double click shows everything again.
 */
import { computed, shallowRef, type ComputedRef, type ShallowRef } from 'vue';
import type { ChartGroup } from './chart-group';
import type { ChartModel } from './chart-model';
import { PLOT } from './line-chart';
import { plotKeys } from './plot-keys';
import { fromShare, toShare, type Range } from './scale';

/** Drags shorter than this many px are clicks. */
const LEAST_DRAG = 5;

export interface PlotPointer {
  /** Position of the crosshair in px from the chart's left; null outside. */
  at: ComputedRef<number | null>;
  /** The dragged range in px. */
  drag: ShallowRef<Range | null>;
  move: (event: PointerEvent) => void;
  leave: () => void;
  down: (event: PointerEvent) => void;
  up: (event: PointerEvent) => void;
  cancel: () => void;
  key: (event: KeyboardEvent) => void;
  reset: () => void;
}

export interface PointedPlot {
  model: ChartModel | null;
  size: { width: number; height: number };
  group: ChartGroup;
}

const innerOf = ({ size }: PointedPlot): number => Math.max(size.width - PLOT.left - PLOT.right, 1);

/** Returns the nearest pixel in the plot. */
const inside = (px: number, plot: PointedPlot): number => Math.min(Math.max(px, PLOT.left), PLOT.left + innerOf(plot));

function xAt(px: number, plot: PointedPlot): number {
  const share = Math.min(Math.max((px - PLOT.left) / innerOf(plot), 0), 1);
  return fromShare(share, plot.model?.x ?? [0, 1]);
}

function crosshairOf(plot: PointedPlot): number | null {
  const x = plot.group.crosshair.value;
  if (x === null || !plot.model || plot.model.empty) return null;
  const share = toShare(x, plot.model.x);
  return share < -1e-9 || share > 1 + 1e-9 ? null : PLOT.left + share * innerOf(plot);
}

const pixelOf = (event: PointerEvent): number =>
  event.clientX - (event.currentTarget as HTMLElement).getBoundingClientRect().left;

/** @param plot reactive, as a component's props are */
export function usePlotPointer(plot: PointedPlot): PlotPointer {
  const drag = shallowRef<Range | null>(null);

  function move(event: PointerEvent): void {
    const px = pixelOf(event);
    plot.group.crosshair.value = xAt(px, plot);
    if (drag.value) drag.value = [drag.value[0], inside(px, plot)];
  }

  function down(event: PointerEvent): void {
    if (event.button !== 0 || !plot.model || plot.model.empty) return;
    (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
    const px = inside(pixelOf(event), plot);
    drag.value = [px, px];
  }

  function up(): void {
    const range = drag.value;
    drag.value = null;
    if (!range || Math.abs(range[1] - range[0]) < LEAST_DRAG) return;
    plot.group.zoom.value = [xAt(Math.min(...range), plot), xAt(Math.max(...range), plot)];
  }

  function leave(): void {
    if (!drag.value) plot.group.crosshair.value = null;
  }

  return {
    ...{ at: computed(() => crosshairOf(plot)), drag, move, leave, down, up, key: plotKeys(plot) },
    cancel: () => (drag.value = null),
    reset: () => (plot.group.zoom.value = null),
  };
}
