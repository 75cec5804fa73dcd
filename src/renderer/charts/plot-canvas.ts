/** The canvas of a chart, made by the first paint. */
import { init, type EChartsOption, type EChartsType } from './echarts';
import type { Size } from './use-box';

export class PlotCanvas {
  private chart: EChartsType | null = null;

  constructor(private readonly element: () => HTMLElement) {}

  /**
   * Paints. @param anew builds everything; otherwise lines of the same names only get their new points, which is faster
   */
  paint(option: EChartsOption, { width, height }: Size, anew: boolean): void {
    const chart = (this.chart ??= init(this.element(), null, { renderer: 'canvas', width, height }));
    if (chart.getWidth() !== width || chart.getHeight() !== height) chart.resize({ width, height });
    chart.setOption(option, { notMerge: anew, lazyUpdate: false });
    const canvas = chart.getZr();
    canvas.flush();
    // Nothing is animated; left running, the animation would request ten more frames of the whole window.
    canvas.animation.stop();
  }

  dispose(): void {
    this.chart?.dispose();
  }
}
