/**
 * A chart on the screen. New data is painted a few times a second at most, and only where the chart would look
 * different; a user's change is painted at once; nothing is painted while the chart is hidden.
 */
import { onUnmounted, shallowRef, watch, type Ref, type ShallowRef } from 'vue';
import type { ChartModel } from './chart-model';
import { leaveTurn, takeTurn, takeTurnLater } from './chart-turns';
import type { EChartsOption } from './echarts';
import { PlotCanvas } from './plot-canvas';
import { PlotState, type Stale } from './plot-state';
import { useBox, type Size } from './use-box';

/** A change of less than a pixel is painted once nothing more has come for this many ms. */
const REST_MS = 5000;

export interface BuiltPlot {
  model: ChartModel;
  /** Width of the plot in pixels. */
  columns: number;
  option: () => EChartsOption;
}

export interface PlotInput {
  element: Ref<HTMLElement | null>;
  /** Builds the chart for a size in pixels. */
  build: (size: Size) => BuiltPlot;
  /** Nothing is painted while the first data loads: the first picture is complete. */
  loading: () => boolean;
  /** New data, and what is marked in it, which may wait. */
  data: () => unknown;
  marks: () => unknown;
  /** The user's changes, which are painted in the next frame. */
  choices: () => unknown;
}

export interface Plot {
  model: ShallowRef<ChartModel | null>;
  ready: ShallowRef<boolean>;
  size: ShallowRef<Size>;
  inSight: ShallowRef<boolean>;
}

export function usePlot({ element, build, loading, data, marks, choices }: PlotInput): Plot {
  const model = shallowRef<ChartModel | null>(null);
  const ready = shallowRef(false);
  const canvas = new PlotCanvas(() => element.value as HTMLElement);
  const state = new PlotState();
  /** Whether a turn came while the chart was hidden. */
  let waiting = true;
  let rest: ReturnType<typeof setTimeout> | undefined;
  const box = useBox({ element, resized: () => now('all'), seen });
  const { size, inSight } = box;

  function turn(): void {
    const { width, height } = size.value;
    waiting = loading() || !box.visible() || width === 0 || height === 0;
    if (waiting) return;
    const built = build(size.value);
    const { paint, anew } = state.judge(built.model, built.columns);
    clearTimeout(rest);
    if (paint) {
      canvas.paint(built.option(), size.value, anew);
      state.done(built.model);
    } else rest = setTimeout(() => later('marks'), REST_MS);
    model.value = built.model;
    ready.value = true;
  }

  function now(what: Stale): void {
    state.demand(what);
    takeTurn(turn);
  }

  function later(what: Stale): void {
    state.suggest(what);
    takeTurnLater(turn);
  }

  function seen(): void {
    if (waiting && box.visible()) takeTurn(turn);
  }

  watch(data, () => later('data'));
  watch(marks, () => later('marks'));
  watch(loading, () => now('all'));
  watch(choices, () => now('all'), { flush: 'post' });
  onUnmounted(() => {
    clearTimeout(rest);
    leaveTurn(turn);
    canvas.dispose();
  });
  return { model, ready, size, inSight };
}
