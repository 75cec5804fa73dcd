/** A chart on the screen: drawn at most four times a second by new data, at once by what the user does, and only while it can be seen. */
import { onMounted, onUnmounted, shallowRef, watch, type Ref, type ShallowRef } from 'vue';
import type { ChartModel } from './chart-model';
import { init, type EChartsOption, type EChartsType } from './echarts';

const LEAST_MS = 250;

export interface PlotInput {
  element: Ref<HTMLElement | null>;
  /** Model and option for a chart of so many pixels. */
  build: (size: { width: number; height: number }) => { model: ChartModel; option: EChartsOption };
  /** Nothing is drawn while the first data is awaited: what is drawn first is the whole. */
  loading: () => boolean;
  /** New data: may wait. */
  data: () => unknown;
  /** What the user has changed: drawn in the next frame. */
  choices: () => unknown;
}

export interface Plot {
  model: ShallowRef<ChartModel | null>;
  ready: ShallowRef<boolean>;
  size: ShallowRef<{ width: number; height: number }>;
}

export function usePlot({ element, build, loading, data, choices }: PlotInput): Plot {
  const model = shallowRef<ChartModel | null>(null);
  const ready = shallowRef(false);
  const size = shallowRef({ width: 0, height: 0 });
  let chart: EChartsType | null = null;
  let [inView, waiting, last] = [false, true, 0];
  let timer: ReturnType<typeof setTimeout> | null = null;
  let frame: number | null = null;

  function draw(): void {
    frame = null;
    const { width, height } = size.value;
    if (loading() || !inView || document.visibilityState === 'hidden' || width === 0 || height === 0) {
      waiting = true;
      return;
    }
    waiting = false;
    last = performance.now();
    chart ??= init(element.value as HTMLElement, null, { renderer: 'canvas', width, height });
    if (chart.getWidth() !== width || chart.getHeight() !== height) chart.resize({ width, height });
    const built = build(size.value);
    chart.setOption(built.option, { notMerge: true, lazyUpdate: false });
    chart.getZr().flush();
    model.value = built.model;
    ready.value = true;
  }

  function now(): void {
    if (timer) clearTimeout(timer);
    timer = null;
    frame ??= requestAnimationFrame(draw);
  }

  function later(): void {
    if (timer || frame !== null) return;
    timer = setTimeout(now, Math.max(0, last + LEAST_MS - performance.now()));
  }

  const seen = (): void => {
    if (waiting) now();
  };
  const resized = new ResizeObserver(([entry]) => {
    if (!entry) return;
    size.value = { width: Math.floor(entry.contentRect.width), height: Math.floor(entry.contentRect.height) };
    now();
  });
  const shown = new IntersectionObserver(([entry]) => {
    inView = entry?.isIntersecting ?? false;
    if (inView) seen();
  });
  onMounted(() => {
    const target = element.value as HTMLElement;
    resized.observe(target);
    shown.observe(target);
    document.addEventListener('visibilitychange', seen);
  });
  watch(data, later);
  watch(loading, now);
  watch(choices, now, { flush: 'post' });
  onUnmounted(() => {
    resized.disconnect();
    shown.disconnect();
    document.removeEventListener('visibilitychange', seen);
    if (timer) clearTimeout(timer);
    if (frame !== null) cancelAnimationFrame(frame);
    chart?.dispose();
  });
  return { model, ready, size };
}
