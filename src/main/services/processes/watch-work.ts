/**
 * Watches over work that this process has claimed in the database, such as a search: records heartbeats, and says when
 * and why the work has to end before it is done.
 */

/** Why work ends before it is done. Nobody has asked for an interruption. */
export interface EarlyEnd {
  state: 'stopped' | 'interrupted';
  /** A sentence for the user; empty where the state says it all. */
  reason: string;
}

export interface WatchOptions {
  /** Aborted: somebody stops the work. */
  signal: AbortSignal;
  /** Aborted: the host is gone, so the work is interrupted. */
  gone?: AbortSignal | undefined;
  /** Duration from the start of the watch after which the work is stopped. Default: it has no limit. */
  limit?: { hours: number; reason: string } | undefined;
  /** Reads the request to the work's owner; `taken`: another process has the work now, or it was removed. */
  asked: () => 'stop' | 'taken' | null;
  /** Records that the owner lives, and the seconds that it has worked since it last did. */
  beat: (seconds: number) => void;
}

export interface WorkWatch {
  /** Aborted: what is being done is saved, and the work ends. */
  signal: AbortSignal;
  /** Returns why the work has to end; null where it may continue. The first reason stays. */
  early: () => EarlyEnd | null;
  /** Ends the watch with a last heartbeat. */
  close: () => void;
}

const LOOK_MS = 250;
/** Interval of heartbeats: each is a write that every window is notified of. */
const BEAT_MS = 5000;
const HOUR_MS = 3_600_000;

export function watchWork({ signal, gone, limit, asked, beat }: WatchOptions): WorkWatch {
  const ending = new AbortController();
  let early: EarlyEnd | null = null;
  let beatAt = performance.now();
  const endsAt = limit ? beatAt + HOUR_MS * limit.hours : Infinity;
  const end = (state: EarlyEnd['state'], reason = ''): void => {
    early ??= { state, reason };
    ending.abort();
  };
  const [stop, vanish] = [(): void => end('stopped'), (): void => end('interrupted')];
  const beatNow = (): void => {
    const now = performance.now();
    beat((now - beatAt) / 1000);
    beatAt = now;
  };
  const look = (): void => {
    const request = asked();
    if (request === 'taken') return vanish();
    if (request === 'stop') stop();
    if (limit && performance.now() > endsAt) end('stopped', limit.reason);
    if (performance.now() - beatAt >= BEAT_MS) beatNow();
  };
  signal.addEventListener('abort', stop, { once: true });
  gone?.addEventListener('abort', vanish, { once: true });
  if (signal.aborted) stop();
  if (gone?.aborted) vanish();
  const timer = setInterval(look, LOOK_MS);
  const close = (): void => {
    clearInterval(timer);
    signal.removeEventListener('abort', stop);
    gone?.removeEventListener('abort', vanish);
    beatNow();
  };
  return { signal: ending.signal, early: () => early, close };
}
