/** Explains why less compute has taken more time: the part of a run's time that no compute explains. Pure. */
import type { Comparison } from './contract/compare';
import { overheadOf } from './time-spent';

export type Part = 'small_size' | 'outside' | 'loader' | 'other';

export interface OverheadNote {
  id: string;
  name: string;
  /** Seconds that no compute explains, of `total`. */
  seconds: number;
  total: number;
  /** Parts of these seconds, the largest first. */
  parts: [Part, number][];
}

/** Parts below this many seconds are not named. */
const LEAST_SECONDS = 0.5;
const PARTS: readonly Part[] = ['small_size', 'outside', 'loader', 'other'];

/** Cost of a run until the point of comparison. */
export interface Spent {
  equivalent_epochs: number;
  seconds: number;
}

/**
 * Returns, of the baseline and each other run, the one that took less compute but no less time.
 * @param order ids of the runs in their order, baseline first
 * @param costs by id until the same accuracy; a run without one counts as a whole
 */
export function overheadNotes(
  compared: Comparison['runs'],
  order: readonly string[],
  costs: ReadonlyMap<string, Spent> = new Map(),
): OverheadNote[] {
  const runs = order
    .flatMap((id) => compared.find((run) => run.id === id) ?? [])
    .map((run) => {
      const whole = { equivalent_epochs: run.equivalent_epochs_done, seconds: run.seconds };
      return { run, spent: costs.size === 0 ? whole : (costs.get(run.id) ?? null) };
    });
  const [base, ...others] = runs;
  if (!base?.spent) return [];
  const found = new Map<string, OverheadNote>();
  for (const other of others) {
    if (!other.spent) continue;
    const cheap = other.spent.equivalent_epochs <= base.spent.equivalent_epochs ? other : base;
    const dear = cheap === other ? base : other;
    const note = cheap.spent && dear.spent && explains(cheap.spent, dear.spent) ? noteOf(cheap.run) : null;
    if (note) found.set(note.id, note);
  }
  return [...found.values()];
}

/** Differences of compute below rounding, and of time below its fluctuation, are not reported. */
const LESS_COMPUTE = 0.95;
const NO_LESS_TIME = 0.98;

const explains = (cheap: Spent, dear: Spent): boolean =>
  cheap.equivalent_epochs < LESS_COMPUTE * dear.equivalent_epochs && cheap.seconds >= NO_LESS_TIME * dear.seconds;

function noteOf({ id, name, time_spent }: Comparison['runs'][number]): OverheadNote | null {
  if (!time_spent) return null;
  const parts = PARTS.map((part): [Part, number] => [part, time_spent[part]])
    .filter(([, spent]) => spent >= LEAST_SECONDS)
    .sort((a, b) => b[1] - a[1]);
  return { id, name, seconds: overheadOf(time_spent), total: time_spent.total, parts };
}
