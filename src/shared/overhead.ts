/** Why less compute has taken more time: what of a run's time no compute explains. Pure. */
import type { Comparison } from './contract/compare';
import { overheadOf } from './time-spent';

export type Part = 'small_size' | 'outside' | 'loader' | 'other';

export interface OverheadNote {
  id: string;
  name: string;
  /** Seconds that no compute explains, of `total`. */
  seconds: number;
  total: number;
  /** What they went to, the most first. */
  parts: [Part, number][];
}

/** Less than this is not worth a word. */
const LEAST_SECONDS = 0.5;
const PARTS: readonly Part[] = ['small_size', 'outside', 'loader', 'other'];

/** @param order ids of the runs as they stand, baseline first */
export function overheadNotes(compared: Comparison['runs'], order: readonly string[]): OverheadNote[] {
  const runs = order.flatMap((id) => compared.find((run) => run.id === id) ?? []);
  const [base, ...others] = runs;
  if (!base) return [];
  return others.flatMap(({ id, name, seconds, equivalent_epochs_done, time_spent }): OverheadNote[] => {
    const explains = equivalent_epochs_done < base.equivalent_epochs_done && seconds > base.seconds;
    if (!explains || !time_spent) return [];
    const parts = PARTS.map((part): [Part, number] => [part, time_spent[part]])
      .filter(([, spent]) => spent >= LEAST_SECONDS)
      .sort((a, b) => b[1] - a[1]);
    return [{ id, name, seconds: overheadOf(time_spent), total: time_spent.total, parts }];
  });
}
