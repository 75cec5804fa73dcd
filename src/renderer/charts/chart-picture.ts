/** Draws a chart off-screen as a picture of its own. */
import { init, type EChartsOption } from './echarts';

const PIXEL_RATIO = 2;

export interface PictureSize {
  width: number;
  height: number;
}

export async function pngOf(option: EChartsOption, { width, height }: PictureSize): Promise<Blob> {
  const chart = init(document.createElement('div'), null, {
    renderer: 'canvas',
    width,
    height,
    devicePixelRatio: PIXEL_RATIO,
  });
  try {
    chart.setOption(option);
    chart.getZr().flush();
    const canvas = chart.renderToCanvas({ pixelRatio: PIXEL_RATIO });
    return await new Promise((resolve, reject) =>
      canvas.toBlob(
        (blob) => (blob ? resolve(blob) : reject(new Error('the picture could not be encoded'))),
        'image/png',
      ),
    );
  } finally {
    chart.dispose();
  }
}

/** Draws an SVG whose text is text, whatever the screen uses. */
export function svgOf(option: EChartsOption, { width, height }: PictureSize): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    chart.setOption(option);
    return chart.renderToSVGString();
  } finally {
    chart.dispose();
  }
}
