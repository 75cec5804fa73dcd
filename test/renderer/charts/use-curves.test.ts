/** The curves of a run as a screen follows them: its requests, and the display after each answer. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { effectScope, nextTick, ref, shallowRef, type EffectScope } from 'vue';
import type { Curve, Curves } from '../../../src/shared/contract/metrics';
import { curveOf } from './support';

interface Asked {
  run: string;
  names: string[];
  since: number | null;
  from?: number;
  to?: number;
}
const call = vi.fn<(name: string, args: Asked) => Promise<Curves>>();
let tell: () => void = () => undefined;
vi.mock('../../../src/renderer/api/client', () => ({
  call: (name: string, args: Asked) => call(name, args),
  on: (_: string, listener: () => void) => {
    tell = listener;
    return () => (tell = () => undefined);
  },
}));
const { useCurves } = await import('../../../src/renderer/charts/use-curves');

const page = Object.assign(new EventTarget(), { visibilityState: 'visible' });
const loss = (values: readonly number[], over: Partial<Curve> = {}): Curve =>
  curveOf(values, { name: 'train/loss', ...over });
const answer = (last_step: number, ...curves: Curve[]): Curves => ({ curves, last_step });
const asked = (): Asked[] => call.mock.calls.map(([, args]) => args);
const wait = (ms = 250): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

let scope: EffectScope;
beforeEach(() => {
  vi.useFakeTimers({ now: 10_000 });
  vi.stubGlobal('document', page);
  page.visibilityState = 'visible';
  call.mockReset();
  scope = effectScope();
});
afterEach(() => {
  scope.stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const run = ref('a');
const watched = shallowRef<readonly string[]>(['train/loss']);
const zoom = shallowRef<{ from: number; to: number } | null>(null);
function follow(first: Promise<Curves> | null = null): ReturnType<typeof useCurves> {
  [run.value, watched.value, zoom.value] = ['a', ['train/loss'], null];
  const names = (): string[] => ['train/loss', 'lr'];
  return scope.run(() =>
    useCurves({ run: () => run.value, names, watched: () => watched.value, zoom: () => zoom.value, most: 800, first }),
  ) as ReturnType<typeof useCurves>;
}

describe('the curves of a run', () => {
  it('are asked for whole at first, then only what is newer of those on the screen', async () => {
    call.mockResolvedValueOnce(answer(2, loss([3, 2]), curveOf([1, 1], { name: 'lr' })));
    const { curves, loaded } = follow();
    await wait();
    expect([loaded.value, [...curves.value.keys()]]).toEqual([true, ['train/loss', 'lr']]);
    call.mockResolvedValueOnce(answer(3, loss([1], { step: [3] })));
    tell();
    tell();
    await wait();
    expect(asked()).toEqual([
      { run: 'a', names: ['train/loss', 'lr'], since: null, most: 800 },
      { run: 'a', names: ['train/loss'], since: 2, most: 800 },
    ]);
    expect(curves.value.get('train/loss')?.mean).toEqual([3, 2, 1]);
  });

  it('take an answer that was asked for before the screen was there', async () => {
    const { curves } = follow(Promise.resolve(answer(1, loss([7]))));
    await wait();
    expect(call).not.toHaveBeenCalled();
    expect(curves.value.get('train/loss')?.mean).toEqual([7]);
  });

  it('are asked for whole again when the run went back', async () => {
    call.mockResolvedValueOnce(answer(3, loss([3, 2, 1])));
    const { curves, lastStep } = follow();
    await wait();
    call.mockResolvedValueOnce(answer(2)).mockResolvedValueOnce(answer(2, loss([3, 9])));
    tell();
    await wait();
    expect(asked().map(({ since }) => since)).toEqual([null, 3, null]);
    expect([curves.value.get('train/loss')?.mean, lastStep.value]).toEqual([[3, 9], 2]);
  });

  it('of what comes into view are pulled though the store says nothing', async () => {
    call.mockResolvedValueOnce(answer(2, loss([3, 2]), curveOf([1, 1], { name: 'lr' })));
    follow();
    await wait();
    call.mockResolvedValue(answer(3, loss([1], { step: [3] })));
    tell();
    await wait();
    watched.value = ['lr'];
    await nextTick();
    await wait();
    expect(asked().at(-1)).toMatchObject({ names: ['lr'], since: 2 });
  });

  it('are not pulled while the window is hidden, and are asked for again when it is shown', async () => {
    call.mockResolvedValue(answer(2, loss([3, 2])));
    follow();
    await wait();
    page.visibilityState = 'hidden';
    tell();
    await wait(5000);
    expect(call).toHaveBeenCalledTimes(1);
    page.visibilityState = 'visible';
    page.dispatchEvent(new Event('visibilitychange'));
    await wait();
    expect(asked().map(({ since }) => since)).toEqual([null, null]);
  });

  it('show the zoomed range in detail once it has stopped changing', async () => {
    call.mockResolvedValueOnce(answer(40, loss([5, 4, 3, 2], { step: [9, 19, 29, 39], width: 10 })));
    const { curves } = follow();
    await wait();
    call.mockResolvedValueOnce(answer(40, loss([8, 7], { step: [10, 11] })));
    zoom.value = { from: 9, to: 10 };
    await nextTick();
    zoom.value = { from: 10, to: 19 };
    await nextTick();
    await wait();
    expect(asked().slice(1)).toMatchObject([{ since: null, from: 10, to: 19 }]);
    expect(curves.value.get('train/loss')?.step).toEqual([9, 10, 11, 29, 39]);
    zoom.value = null;
    await nextTick();
    expect(curves.value.get('train/loss')?.step).toEqual([9, 19, 29, 39]);
  });

  it('of another run replace those of the one before, and a late answer is dropped', async () => {
    let late: (found: Curves) => void = () => undefined;
    call.mockImplementationOnce(() => new Promise((resolve) => (late = resolve)));
    const { curves, loaded } = follow();
    run.value = 'b';
    await nextTick();
    call.mockResolvedValueOnce(answer(1, loss([5])));
    late(answer(3, loss([3, 2, 1])));
    await wait(500);
    expect([loaded.value, curves.value.get('train/loss')?.mean]).toEqual([true, [5]]);
  });

  it('keep what they show when the host does not answer', async () => {
    call.mockResolvedValueOnce(answer(2, loss([3, 2])));
    const { curves, error } = follow();
    await wait();
    call.mockRejectedValueOnce(new Error('gone'));
    tell();
    await wait();
    expect([error.value?.code, curves.value.get('train/loss')?.mean]).toEqual(['internal', [3, 2]]);
  });
});
