/** Describes a run's point on its card and for a screen reader. */
import { i18n } from '../../i18n';
import { valueText, type ScatterModel } from '../../charts/scatter-model';
import type { RunPoint } from './run-scatter';

const t = (key: string, values: Record<string, unknown> = {}): string => i18n.global.t(key, values);

export function pointTexts({ group, category, ...point }: RunPoint, { x, y }: ScatterModel): string[] {
  const seeds = group.runs.map(({ seed }) => seed).join(', ');
  return [
    `${y.quantity.label}: ${valueText(point.y, point.spreadY, y.quantity)}`,
    `${x.quantity.label}: ${valueText(point.x, point.spreadX, x.quantity)}`,
    ...(category === group.name ? [] : [category]),
    ...(group.runs.length > 1 ? [t('compare.seeds', { count: group.runs.length, seeds })] : []),
  ];
}
