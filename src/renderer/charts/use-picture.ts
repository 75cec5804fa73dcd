/** A picture without a live curve, redrawn in the next frame whenever its data changes. */
import { onMounted, onUnmounted, shallowRef, watch, type Ref, type ShallowRef } from 'vue';
import { init, type EChartsOption, type EChartsType } from './echarts';

export interface Size {
  width: number;
  height: number;
}

export interface PictureInput<Model> {
  element: Readonly<Ref<HTMLElement | null>>;
  /** Builds the picture; null: there is nothing to draw. */
  build: (size: Size) => { model: Model; option: EChartsOption } | null;
  made: () => unknown;
}

export interface Picture<Model> {
  model: ShallowRef<Model | null>;
  ready: ShallowRef<boolean>;
  size: ShallowRef<Size>;
}

export function usePicture<Model>({ element, build, made }: PictureInput<Model>): Picture<Model> {
  const model = shallowRef<Model | null>(null);
  const ready = shallowRef(false);
  const size = shallowRef<Size>({ width: 0, height: 0 });
  let chart: EChartsType | null = null;
  let frame: number | null = null;

  function draw(): void {
    frame = null;
    const { width, height } = size.value;
    if (width === 0 || height === 0) return;
    const built = build(size.value);
    if (built) {
      chart ??= init(element.value as HTMLElement, null, { renderer: 'canvas', width, height });
      if (chart.getWidth() !== width || chart.getHeight() !== height) chart.resize({ width, height });
      chart.setOption(built.option, { notMerge: true, lazyUpdate: false });
      chart.getZr().flush();
    } else chart?.clear();
    model.value = built?.model ?? null;
    ready.value = true;
  }

  function soon(): void {
    frame ??= requestAnimationFrame(draw);
  }

  const resized = new ResizeObserver(([entry]) => {
    if (!entry) return;
    size.value = { width: Math.floor(entry.contentRect.width), height: Math.floor(entry.contentRect.height) };
    soon();
  });
  onMounted(() => resized.observe(element.value as HTMLElement));
  watch(made, soon, { flush: 'post' });
  onUnmounted(() => {
    resized.disconnect();
    if (frame !== null) cancelAnimationFrame(frame);
    chart?.dispose();
  });
  return { model, ready, size };
}
