import type { ChartTheme } from './chart-theme';

export interface PictureCaption {
  title: string;
  subtitle: string;
}

/** Returns the options of a chart that is saved as a picture: title, background, and a legend placed by `legend`. */
export function captionedOption<Legend extends object>(
  theme: ChartTheme,
  { title, subtitle }: PictureCaption,
  legend: Legend,
) {
  const style = { color: theme.text, fontSize: 12, fontFamily: theme.font };
  return {
    backgroundColor: theme.background,
    title: {
      ...{ text: title, subtext: subtitle, left: 12, top: 8, itemGap: 4 },
      textStyle: { ...style, fontSize: 15, fontWeight: 600 },
      subtextStyle: { ...style, color: theme.quiet },
    },
    legend: { itemHeight: 8, textStyle: style, ...legend },
  };
}
