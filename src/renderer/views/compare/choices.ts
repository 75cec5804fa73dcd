/** The user's choices about a comparison, stored with the window's layout. */
import { onUnmounted, shallowRef, type ShallowRef } from 'vue';
import type { XAxis } from '../../charts/curve-data';
import { useAppStore } from '../../stores/app';
import { useFailures } from '../../stores/failures';
import { SPENT } from './quantities';

/** Series that is shown first where the runs have it; else the series by which they are judged. */
const FIRST_METRIC = 'val/top1';
const KEPT_AS = 'compare';
const KEEP_AFTER_MS = 400;

export const PICTURES = ['curves', 'scatter', 'parallel'] as const;
export type Picture = (typeof PICTURES)[number];

export interface Choices {
  runs: string[];
  metric: string;
  xAxis: XAxis;
  smoothing: number;
  onlyDifferences: boolean;
  published: boolean;
  /** Whether runs that differ only in seed are one column, one curve, one point. */
  groupSeeds: boolean;
  picture: Picture;
  scatter: { x: string; y: string; colour: string };
  /** The parallel axes that are shown; null: the user has not chosen any yet. */
  axes: string[] | null;
}

export const STANDARD: Choices = {
  ...{ runs: [], metric: FIRST_METRIC, xAxis: 'equivalent_epochs', smoothing: 0.6 },
  ...{ onlyDifferences: true, published: false, groupSeeds: false, picture: 'curves' },
  scatter: { x: SPENT, y: `metric ${FIRST_METRIC}`, colour: 'model' },
  axes: null,
};

/** `look` changes some choices. They are stored shortly after the last change, or when the user leaves the screen. */
export function useChoices(): { view: ShallowRef<Choices>; look: (fields: Partial<Choices>) => void } {
  const app = useAppStore();
  const failures = useFailures();
  const view = shallowRef<Choices>({ ...STANDARD, ...app.layoutOf<Partial<Choices>>(KEPT_AS, {}) });
  let timer: ReturnType<typeof setTimeout> | undefined;
  function flush(): void {
    if (timer === undefined) return;
    clearTimeout(timer);
    timer = undefined;
    void app.keepLayout(KEPT_AS, view.value).catch(failures.report);
  }
  function look(fields: Partial<Choices>): void {
    view.value = { ...view.value, ...fields };
    clearTimeout(timer);
    timer = setTimeout(flush, KEEP_AFTER_MS);
  }
  onUnmounted(flush);
  return { view, look };
}
