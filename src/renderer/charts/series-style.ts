/**
 * A run's colour, dash and marker, fixed for its life by its `series` number: eight colours, then dashes and markers
 * from the ninth on.
 */
const COLOURS = 8;
const DASHES = ['solid', 'dashed', 'dotted'] as const;
const MARKERS = ['circle', 'rect', 'triangle', 'diamond'] as const;

export interface SeriesStyle {
  /** Name of the token, e.g. --series-3. */
  token: string;
  dash: (typeof DASHES)[number];
  marker: (typeof MARKERS)[number];
}

export function seriesStyle(series: number): SeriesStyle {
  const round = Math.floor(series / COLOURS);
  return {
    token: `--series-${series % COLOURS}`,
    dash: DASHES[round % DASHES.length] as SeriesStyle['dash'],
    marker: MARKERS[round % MARKERS.length] as SeriesStyle['marker'],
  };
}

/** Returns a token's current value; charts are drawn on canvas, which knows no CSS variables. */
export const token = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
