/** Repeats work at a pace: never two at once, and requests meanwhile are done once afterwards. */
export interface PacedInput {
  /** The work. It never rejects and keeps its own errors. */
  work: () => Promise<void>;
  /** The usual time from one start to the next, ms. */
  pace: () => number;
  /** Whether the result would be visible. */
  useful: () => boolean;
}

export interface Paced {
  now: () => Promise<void>;
  /** Schedules at the pace, or after at least `least` ms since the last start; once, however often it is requested. */
  later: (least?: number) => void;
  /** Does the same as `later`, in place of a start that is scheduled for a later time. */
  sooner: (least: number) => void;
  close: () => void;
}

export function paced({ work, pace, useful }: PacedInput): Paced {
  let [working, again, closed] = [false, false, false];
  let last = 0;
  let timer: ReturnType<typeof setTimeout> | null = null;

  async function now(): Promise<void> {
    if (working) {
      again = true;
      return;
    }
    working = true;
    last = performance.now();
    await work();
    working = false;
    if (again) {
      again = false;
      later();
    }
  }

  function start(): void {
    timer = null;
    void now();
  }

  function later(least = pace()): void {
    if (timer || closed || !useful()) return;
    timer = setTimeout(start, Math.max(0, last + least - performance.now()));
  }

  function cancel(): void {
    if (timer) clearTimeout(timer);
    timer = null;
  }

  function sooner(least: number): void {
    cancel();
    later(least);
  }

  function close(): void {
    closed = true;
    cancel();
  }
  return { now, later, sooner, close };
}
