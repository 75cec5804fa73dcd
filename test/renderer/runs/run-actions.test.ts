/** Actions on runs, and undoing them. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { i18n } from '../../../src/renderer/i18n';
import { run } from './rows';

const call = vi.fn<(name: string, args: unknown) => Promise<unknown>>();
const push = vi.fn();
const failures = { report: vi.fn(), tell: vi.fn() };
const store = { refresh: vi.fn(async () => undefined), queue: [run({ id: 'w' })] };
let undo: () => unknown = () => undefined;
vi.mock('vue-i18n', async (load) => ({ ...(await load<object>()), useI18n: () => i18n.global }));
vi.mock('vue-router', () => ({ useRouter: () => ({ push }) }));
vi.mock('../../../src/renderer/api/client', () => ({ call: (name: string, args: unknown) => call(name, args) }));
vi.mock('../../../src/renderer/stores/failures', () => ({ useFailures: () => failures }));
vi.mock('../../../src/renderer/stores/runs', () => ({ useRuns: () => store }));
vi.mock('../../../src/renderer/composables/use-command', () => ({
  useCommand: (_: string, handler: () => unknown) => (undo = handler),
}));
const { useRunActions } = await import('../../../src/renderer/views/runs/use-run-actions');

beforeEach(() => {
  vi.clearAllMocks();
  call.mockResolvedValue({ id: 'draft' });
});
const [a, b] = [run({ id: 'a' }), run({ id: 'b', state: 'running' })];
const calls = (): unknown[] => call.mock.calls;

describe('runs', () => {
  it('go to the trash where their state allows it, and come back', async () => {
    const { act } = useRunActions();
    await act('trash', [a, b]);
    expect(calls()).toEqual([['runs.trash', { runs: ['a'], trashed: true }]]);
    expect(failures.tell.mock.calls[0]?.[0]).toMatch(/trash/);
    await undo();
    expect(calls().at(-1)).toEqual(['runs.trash', { runs: ['a'], trashed: false }]);
    expect(store.refresh).toHaveBeenCalledTimes(2);
    expect(undo()).toBeUndefined();
  });

  it('are archived and unarchived', async () => {
    const { act } = useRunActions();
    await act('archive', [a]);
    await undo();
    await act('unarchive', [{ ...a, archived: true }]);
    expect(calls().map((made) => (made as [string, { archived: boolean }])[1].archived)).toEqual([true, false, false]);
  });

  it('wait behind those that wait already, and leave the queue', async () => {
    const { act } = useRunActions();
    await act('enqueue', [run({ id: 'q', state: 'queued' })]);
    await act('unqueue', [run({ id: 'q', state: 'queued', queue_position: 1 })]);
    expect(calls()).toEqual([
      ['runs.queue', { order: ['w', 'q'] }],
      ['runs.queue', { order: [], remove: ['q'] }],
    ]);
  });

  it('pause each by its own call; one that fails is reported, and the others are asked all the same', async () => {
    const { act } = useRunActions();
    call.mockRejectedValueOnce(new Error('no'));
    await act('pause', [b, run({ id: 'c', state: 'running' }), a]);
    expect(calls()).toEqual([
      ['runs.pause', { run: 'b' }],
      ['runs.pause', { run: 'c' }],
    ]);
    expect(failures.report).toHaveBeenCalledOnce();
  });

  it('get another name and other tags, which Undo takes back one by one', async () => {
    const { rename, tag } = useRunActions();
    await rename(a, '  new ');
    await rename(a, a.name);
    await tag(a, ['x']);
    await undo();
    await undo();
    expect(calls()).toEqual([
      ['runs.rename', { run: 'a', name: 'new' }],
      ['runs.annotate', { run: 'a', tags: ['x'] }],
      ['runs.annotate', { run: 'a', tags: [] }],
      ['runs.rename', { run: 'a', name: a.name }],
    ]);
  });

  it('are deleted for good only once that is confirmed', async () => {
    const { act, purge, purging } = useRunActions();
    await act('purge', [{ ...a, trashed: '2026-01-01T00:00:00Z' }, b]);
    expect([purging.value.map(({ id }) => id), calls()]).toEqual([['a'], []]);
    await purge();
    expect([purging.value, calls()]).toEqual([[], [['runs.purge', { runs: ['a'] }]]]);
  });

  it('lead to a draft like them, or to their exports', async () => {
    const { act } = useRunActions();
    await act('clone', [a]);
    await act('export', [a]);
    expect(push.mock.calls.map(([to]) => to.params)).toEqual([{ draft: 'draft' }, { id: 'a' }]);
  });
});
