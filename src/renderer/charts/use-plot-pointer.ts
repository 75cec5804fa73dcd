/** Mouse and keys over a plot: the crosshair of its group moves, dragging zooms, a double click shows all again. */
import { computed, shallowRef, type ComputedRef, type ShallowRef } from 'vue';
import type { ChartGroup } from './chart-group';
import type { ChartModel } from './chart-model';
import { firstAfter } from './curve-data';
import { PLOT } from './line-chart';
import { fromShare, toShare, type Range } from './scale';

/** Shorter drags are clicks. */
const LEAST_DRAG = 5;
const PAGE = 10;
const ZOOM_STEP = 0.5;

/** Where `by` points on from `here` is; a break in the line stands at the x of the point before it, so that x is passed as one. */
function indexAfter(x: Float64Array, here: number | null, by: number, first: number, last: number): number {
  if (!Number.isFinite(by)) return by < 0 ? first : last;
  if (here === null) return by < 0 ? last : first;
  let at = firstAfter(x, here) - 1;
  while (by < 0 && at > 0 && x[at - 1] === x[at]) at--;
  return at + by;
}

export interface PlotPointer {
  /** Where the crosshair is, px from the chart's left; null outside. */
  at: ComputedRef<number | null>;
  /** Being dragged, px. */
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

/** @param plot reactive, as a component's props are */
export function usePlotPointer(plot: PointedPlot): PlotPointer {
  const drag = shallowRef<Range | null>(null);
  const inner = (): number => Math.max(plot.size.width - PLOT.left - PLOT.right, 1);
  const toX = (px: number): number => {
    const share = Math.min(Math.max((px - PLOT.left) / inner(), 0), 1);
    return fromShare(share, plot.model?.x ?? [0, 1]);
  };
  const at = computed(() => {
    const x = plot.group.crosshair.value;
    if (x === null || !plot.model || plot.model.empty) return null;
    const share = toShare(x, plot.model.x);
    return share < -1e-9 || share > 1 + 1e-9 ? null : PLOT.left + share * inner();
  });
  const pixel = (event: PointerEvent): number =>
    event.clientX - (event.currentTarget as HTMLElement).getBoundingClientRect().left;

  function move(event: PointerEvent): void {
    const px = pixel(event);
    plot.group.crosshair.value = toX(px);
    if (drag.value) drag.value = [drag.value[0], Math.min(Math.max(px, PLOT.left), PLOT.left + inner())];
  }

  function down(event: PointerEvent): void {
    if (event.button !== 0 || !plot.model || plot.model.empty) return;
    (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
    const px = Math.min(Math.max(pixel(event), PLOT.left), PLOT.left + inner());
    drag.value = [px, px];
  }

  function up(): void {
    const range = drag.value;
    drag.value = null;
    if (!range || Math.abs(range[1] - range[0]) < LEAST_DRAG) return;
    plot.group.zoom.value = [toX(Math.min(...range)), toX(Math.max(...range))];
  }

  const reset = (): void => {
    plot.group.zoom.value = null;
  };

  /** The points that the arrow keys go through: those of the line that has the most. */
  function stops(): Float64Array {
    const drawn = plot.model?.drawn ?? [];
    return drawn.reduce<Float64Array>(
      (most, { points }) => (points.x.length > most.length ? points.x : most),
      new Float64Array(),
    );
  }

  function step(by: number): void {
    const x = stops();
    const view = plot.model?.x;
    if (!x.length || !view) return;
    const [first, last] = [firstAfter(x, view[0] - 1e-9), firstAfter(x, view[1]) - 1];
    const index = indexAfter(x, plot.group.crosshair.value, by, first, last);
    plot.group.crosshair.value = x[Math.min(Math.max(index, first), last)] ?? null;
  }

  function zoomBy(factor: number): void {
    const view = plot.model?.x;
    if (!view) return;
    const middle = plot.group.crosshair.value ?? (view[0] + view[1]) / 2;
    const half = ((view[1] - view[0]) * factor) / 2;
    const from = Math.max(middle - half, 0);
    plot.group.zoom.value = [from, from + 2 * half];
  }

  const keys: Record<string, () => void> = {
    ArrowRight: () => step(1),
    ArrowLeft: () => step(-1),
    ArrowUp: () => step(1),
    ArrowDown: () => step(-1),
    PageUp: () => step(PAGE),
    PageDown: () => step(-PAGE),
    Home: () => step(-Infinity),
    End: () => step(Infinity),
    '+': () => zoomBy(ZOOM_STEP),
    '=': () => zoomBy(ZOOM_STEP),
    '-': () => (plot.group.zoom.value ? zoomBy(1 / ZOOM_STEP) : undefined),
    '0': reset,
  };

  function key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'Escape') {
      if (plot.group.crosshair.value === null && plot.group.zoom.value === null) return;
      if (plot.group.zoom.value) reset();
      plot.group.crosshair.value = null;
      return;
    }
    const action = keys[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  }

  return {
    ...{ at, drag, move, down, up, key, reset },
    cancel: () => (drag.value = null),
    leave: () => {
      if (!drag.value) plot.group.crosshair.value = null;
    },
  };
}
