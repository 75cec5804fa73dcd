/** Only those parts of ECharts that are drawn with. */
import { LineChart } from 'echarts/charts';
import {
  DatasetComponent,
  GridComponent,
  LegendComponent,
  MarkAreaComponent,
  MarkLineComponent,
  MarkPointComponent,
  TitleComponent,
} from 'echarts/components';
import { init, use } from 'echarts/core';
import { CanvasRenderer, SVGRenderer } from 'echarts/renderers';

use([LineChart, DatasetComponent, GridComponent, LegendComponent, TitleComponent]);
use([MarkAreaComponent, MarkLineComponent, MarkPointComponent, CanvasRenderer, SVGRenderer]);

export { init };
export type { EChartsType } from 'echarts/core';
export type { EChartsOption } from 'echarts/types/dist/shared';
