/** Imports only the parts of ECharts that are used. */
import { CustomChart, LineChart, ParallelChart, ScatterChart } from 'echarts/charts';
import {
  DatasetComponent,
  GridComponent,
  LegendComponent,
  MarkAreaComponent,
  MarkLineComponent,
  MarkPointComponent,
  ParallelComponent,
  TitleComponent,
} from 'echarts/components';
import { init, use } from 'echarts/core';
import { LabelLayout } from 'echarts/features';
import { CanvasRenderer, SVGRenderer } from 'echarts/renderers';

use([
  CustomChart,
  LineChart,
  ParallelChart,
  ScatterChart,
  LabelLayout,
  DatasetComponent,
  GridComponent,
  LegendComponent,
  TitleComponent,
]);
use([MarkAreaComponent, MarkLineComponent, MarkPointComponent, ParallelComponent, CanvasRenderer, SVGRenderer]);

export { init };
export type { EChartsType } from 'echarts/core';
export type { EChartsOption } from 'echarts/types/dist/shared';
