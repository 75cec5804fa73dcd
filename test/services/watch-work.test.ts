/** When and why claimed work ends before it is done, and how often its process shows that it lives. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { watchWork, type WatchOptions } from '../../src/main/services/processes/watch-work';

describe('work that is watched over', () => {
  let request: 'stop' | 'taken' | null;
  let beats: number[];
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
    [request, beats] = [null, []];
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const watch = (more: Partial<WatchOptions> = {}): ReturnType<typeof watchWork> =>
    watchWork({
      ...{ signal: new AbortController().signal, asked: () => request, beat: (seconds) => beats.push(seconds) },
      ...more,
    });

  it('may continue, with a heartbeat every five seconds and a last one that count all its time', () => {
    const { signal, early, close } = watch();
    vi.advanceTimersByTime(12_000);
    expect([signal.aborted, early()]).toEqual([false, null]);
    expect(beats).toEqual([5, 5]);
    close();
    vi.advanceTimersByTime(12_000);
    expect(beats).toEqual([5, 5, 2]);
  });

  it('is stopped by its host or by a request, and interrupted where the host or the claim is gone', () => {
    const by = { signal: new AbortController(), gone: new AbortController() };
    const ways: [string, Partial<WatchOptions>, () => void][] = [
      ['stopped', { signal: by.signal.signal }, () => by.signal.abort()],
      ['interrupted', { gone: by.gone.signal }, () => by.gone.abort()],
      // Both are aborted already when the watch begins.
      ['stopped', { signal: by.signal.signal, gone: by.gone.signal }, () => undefined],
      ['stopped', {}, () => (request = 'stop')],
      ['interrupted', {}, () => (request = 'taken')],
    ];
    for (const [state, options, happens] of ways) {
      request = null;
      const { signal, early, close } = watch(options);
      happens();
      vi.advanceTimersByTime(250);
      expect([signal.aborted, early()]).toEqual([true, { state, reason: '' }]);
      close();
    }
  });

  it('is stopped at its limit, and keeps the first reason', () => {
    const { early } = watch({ limit: { hours: 1, reason: 'An hour is over.' } });
    vi.advanceTimersByTime(3_600_000);
    expect(early()).toBeNull();
    vi.advanceTimersByTime(250);
    expect(early()).toEqual({ state: 'stopped', reason: 'An hour is over.' });
    request = 'taken';
    vi.advanceTimersByTime(250);
    expect(early()).toEqual({ state: 'stopped', reason: 'An hour is over.' });
  });
});
