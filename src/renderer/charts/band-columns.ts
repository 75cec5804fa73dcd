/**
 * Splits a curve with a band into columns for a table or a file: the line, and the distance of the band from it. Pure.
 */
import type { ChartSeries } from './chart-model';

export const bandColumns = (series: readonly ChartSeries[], word: (label: string) => string): ChartSeries[] =>
  series.flatMap((entry) => {
    if (!entry.band) return [entry];
    const { curve } = entry;
    const reach = curve.max.map((value, at) => (value - (curve.min[at] as number)) / 2);
    return [entry, { ...entry, id: `${entry.id} reach`, label: word(entry.label), curve: { ...curve, mean: reach } }];
  });
