/** A run's events and its trainer's output, fetched piece by piece while it trains. */
import { shallowRef, type ShallowRef } from 'vue';
import type { RunDetails } from '../../../shared/contract/runs';
import type { ErrorData } from '../../../shared/errors';
import { call } from '../../api/client';
import { usePull } from '../../composables/use-pull';

export interface LogLine {
  key: string;
  /** Time; null for output, which has no time of its own. */
  time: string | null;
  step: number | null;
  kind: string;
  text: string;
}

const FIRST_BYTES = 256_000;
const MOST_LINES = 20_000;
const LEAST_MS = 1000;
/** Number of events that one call returns. */
const EVENTS_PAGE = 2000;

export interface RunLog {
  events: ShallowRef<readonly LogLine[]>;
  printed: ShallowRef<readonly LogLine[]>;
  error: ShallowRef<ErrorData | null>;
  loaded: ShallowRef<boolean>;
}

export function useLog(run: RunDetails): RunLog {
  const id = run.summary.id;
  const events = shallowRef<readonly LogLine[]>([]);
  const printed = shallowRef<readonly LogLine[]>([]);
  const loaded = shallowRef(false);
  let [row, offset, lines] = [0, -FIRST_BYTES, 0];

  async function pullEvents(): Promise<void> {
    for (;;) {
      const found = await call('runs.events', { run: id, since: row });
      if (!found.length) return;
      row = found.at(-1)?.row ?? row;
      const added = found.map((event): LogLine => ({
        ...{ key: `event ${event.row}`, time: event.time, step: event.step, kind: event.kind, text: event.message },
      }));
      events.value = [...events.value, ...added].slice(-MOST_LINES);
      if (found.length < EVENTS_PAGE) return;
    }
  }

  async function pullPrinted(): Promise<void> {
    const { text, next } = await call('metrics.log', { run: id, offset });
    // Nothing is there yet: the next call may begin in the middle again.
    if (next > 0) offset = next;
    if (!text) return;
    const added = text.trimEnd().split('\n');
    printed.value = [
      ...printed.value,
      ...added.map((line): LogLine => ({
        key: `line ${lines++}`,
        time: null,
        step: null,
        kind: 'printed',
        text: line,
      })),
    ].slice(-MOST_LINES);
  }

  const { error } = usePull(
    async () => {
      await pullEvents();
      await pullPrinted();
      loaded.value = true;
      return true;
    },
    { leastMs: LEAST_MS },
  );
  return { events, printed, error, loaded };
}
