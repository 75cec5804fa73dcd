import { describe, expect, it } from 'vitest';
import { bottleneckOf } from '../../src/shared/bottleneck';

const spent = (seconds: number, loader_seconds: number) => ({
  seconds,
  compute_seconds: seconds - loader_seconds,
  loader_seconds,
});

describe('what steps wait for', () => {
  it('is the device where images wait for it, and more workers would change nothing', () => {
    expect(bottleneckOf([spent(10, 0.1), spent(90, 1.9)], 2, 16)).toEqual({
      by: 'device',
      waiting: 0.02,
      advice: 'device',
    });
  });

  it('is the loader where the device waits, weighed by time, and workers help while there are cores', () => {
    expect(bottleneckOf([spent(10, 9), spent(90, 21)], 2, 16)).toEqual({
      by: 'loader',
      waiting: 0.3,
      advice: 'more_workers',
    });
    expect(bottleneckOf([spent(10, 3)], 16, 16)).toMatchObject({ by: 'loader', advice: 'less_loading' });
  });

  it('is not known before a step, and never more than all of the time', () => {
    expect(bottleneckOf([], 2, 2)).toBeNull();
    expect(bottleneckOf([spent(0, 0)], 2, 2)).toBeNull();
    expect(bottleneckOf([spent(1, 1.2)], 1, 2)?.waiting).toBe(1);
  });
});
