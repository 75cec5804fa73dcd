/** Colours and fonts of charts, read from the tokens, because a canvas knows no CSS variables. */
import { shallowRef, watch, type ShallowRef } from 'vue';
import { useAppStore } from '../stores/app';
import { token } from './series-style';

export interface ChartTheme {
  text: string;
  quiet: string;
  line: string;
  strong: string;
  background: string;
  font: string;
  dark: boolean;
  /** Returns the colour of a token. */
  colour: (name: string) => string;
}

function readTheme(dark: boolean): ChartTheme {
  const known = new Map<string, string>();
  const colour = (name: string): string => {
    const value = known.get(name) ?? token(name);
    known.set(name, value);
    return value;
  };
  return {
    ...{ text: colour('--text'), quiet: colour('--text-2'), line: colour('--line'), strong: colour('--line-strong') },
    ...{ background: colour('--bg'), font: colour('--font'), dark, colour },
  };
}

/** Reads the theme again when it changes. */
export function useChartTheme(): ShallowRef<ChartTheme> {
  const app = useAppStore();
  const theme = shallowRef(readTheme(app.dark));
  watch(
    () => app.dark,
    (dark) => (theme.value = readTheme(dark)),
    { flush: 'post' },
  );
  return theme;
}
