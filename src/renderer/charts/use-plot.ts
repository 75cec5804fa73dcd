/**
 * A chart on the screen: drawn by new data a few times a second at most, and only where it would look different; at once by what the user
 * does; never while it can't be seen.
 */
import { onMounted, onUnmounted, shallowRef, watch, type Ref, type ShallowRef } from 'vue';
import type { ChartModel } from './chart-model';
import { leaveTurn, takeTurn, takeTurnLater } from './chart-turns';
import { init, type EChartsOption, type EChartsType } from './echarts';
import { looksDifferent } from './visible-change';

/** What is less than a pixel is drawn once nothing more has come for so long. */
const REST_MS = 5000;

export interface Size {
  width: number;
  height: number;
}

export interface PlotInput {
  element: Ref<HTMLElement | null>;
  /** For a chart of so many pixels. `columns`: those of its plot. */
  build: (size: Size) => { model: ChartModel; columns: number; option: () => EChartsOption };
  /** Nothing is drawn while the first data is awaited: what is drawn first is the whole. */
  loading: () => boolean;
  /** New data, and what is marked in it: may wait. */
  data: () => unknown;
  marks: () => unknown;
  /** What the user has changed: drawn in the next frame. */
  choices: () => unknown;
}

export interface Plot {
  model: ShallowRef<ChartModel | null>;
  ready: ShallowRef<boolean>;
  size: ShallowRef<Size>;
  inSight: ShallowRef<boolean>;
}

/** How much of a chart is new since it was drawn. */
type Stale = 'data' | 'marks' | 'all';

const linesOf = ({ drawn }: ChartModel): string =>
  drawn.map(({ series, faint, band }) => series.id + (faint ? '+' : '') + (band ? '~' : '')).join('\n');

export function usePlot({ element, build, loading, data, marks, choices }: PlotInput): Plot {
  const model = shallowRef<ChartModel | null>(null);
  const ready = shallowRef(false);
  const size = shallowRef<Size>({ width: 0, height: 0 });
  const inSight = shallowRef(false);
  let chart: EChartsType | null = null;
  /** As it is on the screen; `model` may be newer by less than a pixel. */
  let drawn: ChartModel | null = null;
  let [stale, waiting]: [Stale, boolean] = ['all', true];
  let rest: ReturnType<typeof setTimeout> | null = null;

  const looked = (): boolean => inSight.value && document.visibilityState !== 'hidden';

  function paint(option: EChartsOption, { width, height }: Size, anew: boolean): void {
    chart ??= init(element.value as HTMLElement, null, { renderer: 'canvas', width, height });
    if (chart.getWidth() !== width || chart.getHeight() !== height) chart.resize({ width, height });
    // What stays is not built again: lines of the same names only get their points.
    chart.setOption(option, { notMerge: anew, lazyUpdate: false });
    const canvas = chart.getZr();
    canvas.flush();
    // Nothing moves by itself: left running it would ask for ten more frames of the whole window.
    canvas.animation.stop();
  }

  function turn(): void {
    const { width, height } = size.value;
    if (loading() || !looked() || width === 0 || height === 0) {
      waiting = true;
      return;
    }
    waiting = false;
    const built = build(size.value);
    const settled = stale === 'data' && drawn !== null && !looksDifferent(drawn, built.model, built.columns);
    if (rest) clearTimeout(rest);
    rest = settled ? setTimeout(settle, REST_MS) : null;
    if (!settled) {
      paint(built.option(), size.value, stale === 'all' || drawn === null || linesOf(drawn) !== linesOf(built.model));
      drawn = built.model;
      stale = 'data';
    }
    model.value = built.model;
    ready.value = true;
  }

  function now(what: Stale): void {
    if (stale !== 'all') stale = what;
    takeTurn(turn);
  }

  function settle(): void {
    rest = null;
    later('marks');
  }

  function later(what: Stale): void {
    if (stale === 'data') stale = what;
    takeTurnLater(turn);
  }

  const seen = (): void => {
    if (waiting && looked()) takeTurn(turn);
  };
  const resized = new ResizeObserver(([entry]) => {
    if (!entry) return;
    size.value = { width: Math.floor(entry.contentRect.width), height: Math.floor(entry.contentRect.height) };
    now('all');
  });
  const shown = new IntersectionObserver(([entry]) => {
    inSight.value = entry?.isIntersecting ?? false;
    seen();
  });
  onMounted(() => {
    const target = element.value as HTMLElement;
    resized.observe(target);
    shown.observe(target);
    document.addEventListener('visibilitychange', seen);
  });
  watch(data, () => later('data'));
  watch(marks, () => later('marks'));
  watch(loading, () => now('all'));
  watch(choices, () => now('all'), { flush: 'post' });
  onUnmounted(() => {
    resized.disconnect();
    shown.disconnect();
    document.removeEventListener('visibilitychange', seen);
    if (rest) clearTimeout(rest);
    leaveTurn(turn);
    chart?.dispose();
  });
  return { model, ready, size, inSight };
}
