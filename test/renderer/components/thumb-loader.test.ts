import { describe, expect, it, vi } from 'vitest';
import { ThumbLoader, type ThumbLoaderOptions } from '../../../src/renderer/components/thumb-loader';

/** Makes a loader whose calls the test answers. */
function make(options: ThumbLoaderOptions = {}) {
  const calls: { paths: string[]; answer: (thumbs?: (string | null)[]) => Promise<void>; fail: () => Promise<void> }[] =
    [];
  const onError = vi.fn();
  const onChange = vi.fn();
  const loader = new ThumbLoader(
    (paths) =>
      new Promise((resolve, reject) => {
        const settled = () => new Promise<void>((done) => setTimeout(done));
        calls.push({
          paths,
          answer: (thumbs = paths.map((path) => `data:${path}`)) => (resolve(thumbs), settled()),
          fail: () => (reject(new Error('gone')), settled()),
        });
      }),
    onChange,
    onError,
    options,
  );
  return { loader, calls, onError, onChange };
}
const names = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, index) => `${from + index}`);

describe('pictures of what is in view', () => {
  it('come in batches, two calls at a time', async () => {
    const { loader, calls, onChange } = make({ batch: 4 });
    loader.want(names(0, 20));
    expect(calls.map(({ paths }) => paths)).toEqual([names(0, 4), names(4, 8)]);
    await calls[0]?.answer();
    expect(calls[2]?.paths).toEqual(names(8, 12));
    expect([loader.get('0'), loader.get('8')]).toEqual(['data:0', undefined]);
    expect(onChange).toHaveBeenCalledTimes(1);
  });

  it('are never asked for once they have been scrolled past', async () => {
    const { loader, calls } = make({ batch: 4 });
    loader.want(names(0, 100));
    loader.want(names(500, 504));
    await calls[0]?.answer();
    await calls[1]?.answer();
    expect(calls.flatMap(({ paths }) => paths)).toEqual([...names(0, 8), ...names(500, 504)]);
  });

  it('are asked for once, while under way and afterwards', async () => {
    const { loader, calls } = make();
    loader.want(['a', 'b']);
    loader.want(['b', 'a', 'a']);
    await calls[0]?.answer();
    loader.want(['a', 'b']);
    expect(calls).toHaveLength(1);
  });

  it('are null where they can’t be read, and where the call failed, which is reported and not repeated', async () => {
    const { loader, calls, onError } = make();
    loader.want(['a']);
    await calls[0]?.answer([null]);
    loader.want(['a', 'b']);
    await calls[1]?.fail();
    expect([loader.get('a'), loader.get('b'), calls.length]).toEqual([null, null, 2]);
    expect(onError).toHaveBeenCalledOnce();
    loader.clear();
    expect(calls).toHaveLength(3);
  });

  it('are dropped, the ones not viewed for longest first', async () => {
    const { loader, calls } = make({ keep: 3 });
    loader.want(['a', 'b']);
    await calls[0]?.answer();
    loader.want(['a']);
    loader.want(['c', 'd']);
    await calls[1]?.answer();
    expect(['a', 'b', 'c', 'd'].map((path) => loader.get(path) !== undefined)).toEqual([true, false, true, true]);
  });
});
