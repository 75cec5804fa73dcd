/** Describes a point on its card, in the table and for a screen reader. */
import { i18n } from '../../i18n';
import { spreadFormat } from '../../charts/value-format';
import type { Quantity } from './quantities';
import type { ScatterModel, ScatterPoint } from './scatter-model';

const t = (key: string, values: Record<string, unknown> = {}): string => i18n.global.t(key, values);

export function valueText(value: number, spread: number | null, { format, unit }: Quantity): string {
  if (!spread) return format(value);
  return unit === 's' ? `${format(value)} ± ${format(spread)}` : spreadFormat(unit)(value, spread);
}

export function pointTexts(point: ScatterPoint, { x, y }: ScatterModel): { lines: string[]; spoken: string } {
  const { group, category, spreadX, spreadY } = point;
  const seeds = group.runs.map(({ seed }) => seed).join(', ');
  const lines = [
    `${y.quantity.label}: ${valueText(point.y, spreadY, y.quantity)}`,
    `${x.quantity.label}: ${valueText(point.x, spreadX, x.quantity)}`,
    ...(category === group.name ? [] : [category]),
    ...(group.runs.length > 1 ? [t('compare.seeds', { count: group.runs.length, seeds })] : []),
  ];
  return { lines, spoken: [group.name, ...lines].join('. ') };
}
