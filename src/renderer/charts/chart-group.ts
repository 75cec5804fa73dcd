/** State shared by the charts of one group: the crosshair and the zoomed range, in units of their common x. */
import { onUnmounted, shallowRef, type ShallowRef } from 'vue';
import type { Range } from './scale';

export interface ChartGroup {
  crosshair: ShallowRef<number | null>;
  zoom: ShallowRef<Range | null>;
}

const groups = new Map<string, { group: ChartGroup; users: number }>();

/** Returns the group of this name, for as long as a component uses it. */
export function useChartGroup(name: string): ChartGroup {
  const known = groups.get(name) ?? { group: { crosshair: shallowRef(null), zoom: shallowRef(null) }, users: 0 };
  known.users++;
  groups.set(name, known);
  onUnmounted(() => {
    if (--known.users === 0) groups.delete(name);
  });
  return known.group;
}
