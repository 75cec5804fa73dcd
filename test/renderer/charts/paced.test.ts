/** Work at a pace: never two calls at once, and no request is lost. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { paced, type Paced } from '../../../src/renderer/charts/paced';

let finish: () => void = () => undefined;
let useful = true;
const work = vi.fn(() => new Promise<void>((resolve) => (finish = resolve)));
let pace: Paced;

beforeEach(() => {
  vi.useFakeTimers({ now: 10_000 });
  work.mockClear();
  useful = true;
  pace = paced({ work, pace: () => 1000, useful: () => useful });
});
afterEach(() => vi.useRealTimers());

describe('paced work', () => {
  it('starts once at its pace, however often it is asked for', async () => {
    void pace.now();
    finish();
    pace.later();
    pace.later();
    await vi.advanceTimersByTimeAsync(999);
    expect(work).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(work).toHaveBeenCalledTimes(2);
  });

  it('is done once more when it was asked for while it ran', async () => {
    void pace.now();
    void pace.now();
    void pace.now();
    expect(work).toHaveBeenCalledTimes(1);
    finish();
    await vi.advanceTimersByTimeAsync(1000);
    expect(work).toHaveBeenCalledTimes(2);
    finish();
    await vi.advanceTimersByTimeAsync(5000);
    expect(work).toHaveBeenCalledTimes(2);
  });

  it('can be brought forward', async () => {
    void pace.now();
    finish();
    pace.later();
    pace.sooner(250);
    await vi.advanceTimersByTimeAsync(250);
    expect(work).toHaveBeenCalledTimes(2);
  });

  it('does not start while nobody would see the result, nor once it is closed', async () => {
    useful = false;
    pace.later();
    await vi.advanceTimersByTimeAsync(5000);
    useful = true;
    pace.later();
    pace.close();
    pace.later();
    await vi.advanceTimersByTimeAsync(5000);
    expect(work).not.toHaveBeenCalled();
  });
});
