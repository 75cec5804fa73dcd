/**
 * A chart on the screen. New data is painted a few times a second at most, and only where the chart would look
 * different; what the user changes is painted at once; nothing is painted while the chart can't be seen.
 */
import { onUnmounted, shallowRef, watch, type Ref, type ShallowRef } from 'vue';
import type { ChartModel } from './chart-model';
import { leaveTurn, takeTurn, takeTurnLater } from './chart-turns';
import type { EChartsOption } from './echarts';
import { PlotCanvas } from './plot-canvas';
import { PlotState, type Stale } from './plot-state';
import { useBox, type Size } from './use-box';

/** A change of less than a pixel is painted once nothing more has come for so long. */
const REST_MS = 5000;

export interface BuiltPlot {
  model: ChartModel;
  /** Pixels that the plot is wide. */
  columns: number;
  option: () => EChartsOption;
}

export interface PlotInput {
  element: Ref<HTMLElement | null>;
  /** For a chart of so many pixels. */
  build: (size: Size) => BuiltPlot;
  /** Nothing is painted while the first data is awaited: the first picture is complete. */
  loading: () => boolean;
  /** New data, and what is marked in it: may wait. */
  data: () => unknown;
  marks: () => unknown;
  /** What the user has changed: painted in the next frame. */
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
  /** Whether a turn came while the chart could not be seen. */
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
