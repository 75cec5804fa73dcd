/** Does things to runs, says what was done, and knows the way back. */
import { shallowRef, type ShallowRef } from 'vue';
import { useI18n } from 'vue-i18n';
import { useRouter } from 'vue-router';
import type { RunSummary } from '../../../shared/contract/runs';
import { call } from '../../api/client';
import { useCommand } from '../../composables/use-command';
import { useFailures } from '../../stores/failures';
import { useRuns } from '../../stores/runs';
import { allows, type Action } from './actions';

type Undo = () => Promise<unknown>;

export interface RunActions {
  act: (action: Action, runs: readonly RunSummary[]) => Promise<void>;
  rename: (run: RunSummary, name: string) => Promise<void>;
  tag: (run: RunSummary, tags: string[]) => Promise<void>;
  /** Runs that are to be deleted for good once that is confirmed. */
  purging: ShallowRef<readonly RunSummary[]>;
  purge: () => Promise<void>;
}

export function useRunActions(): RunActions {
  const { t } = useI18n();
  const router = useRouter();
  const store = useRuns();
  const failures = useFailures();
  const purging = shallowRef<readonly RunSummary[]>([]);
  const undos: Undo[] = [];

  /** One try at something; what goes wrong is told, and the table shows what is. */
  async function attempt(work: () => Promise<unknown>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      failures.report(error);
      return false;
    } finally {
      await store.refresh();
    }
  }
  const back = async (undo: Undo): Promise<void> => {
    const at = undos.indexOf(undo);
    if (at >= 0) undos.splice(at, 1);
    await attempt(undo);
  };
  function done(text: string, undo: Undo): void {
    undos.push(undo);
    failures.tell(text, { label: t('common.undo'), run: () => back(undo) });
  }
  useCommand('edit.undo', () => {
    const undo = undos.at(-1);
    return undo && back(undo);
  });

  const EACH = { pause: 'runs.pause', stop: 'runs.stop', resume: 'runs.start', start: 'runs.start' } as const;
  const together = (ids: string[], call_it: (ids: string[]) => Promise<unknown>) => () => call_it(ids);

  async function move(action: 'archive' | 'unarchive' | 'trash' | 'restore', ids: string[]): Promise<void> {
    const archive = (archived: boolean): Undo => together(ids, (runs) => call('runs.archive', { runs, archived }));
    const trash = (trashed: boolean): Undo => together(ids, (runs) => call('runs.trash', { runs, trashed }));
    const both: Record<typeof action, [Undo, Undo]> = {
      archive: [archive(true), archive(false)],
      unarchive: [archive(false), archive(true)],
      trash: [trash(true), trash(false)],
      restore: [trash(false), trash(true)],
    };
    const [work, undo] = both[action];
    if (await attempt(work)) done(t(`runs.did_${action}`, { count: ids.length }, ids.length), undo);
  }

  async function single(action: 'clone' | 'export', run: RunSummary): Promise<void> {
    if (action === 'export') {
      await router.push({ name: 'run', params: { id: run.id }, query: { tab: 'exports' } });
      return;
    }
    await call('drafts.clone', { run: run.id }).then(
      (draft) => router.push({ name: 'draft', params: { draft: draft.id } }),
      failures.report,
    );
  }

  async function act(action: Action, runs: readonly RunSummary[]): Promise<void> {
    const fit = runs.filter((run) => allows(run, action));
    const [first] = fit;
    if (!first) return;
    const ids = fit.map(({ id }) => id);
    if (action === 'purge') purging.value = fit;
    else if (action === 'clone' || action === 'export') await single(action, first);
    else if (action === 'enqueue')
      await attempt(() => call('runs.queue', { order: [...store.queue.map(({ id }) => id), ...ids] }));
    else if (action === 'unqueue') await attempt(() => call('runs.queue', { order: [], remove: ids }));
    else if (action === 'archive' || action === 'unarchive' || action === 'trash' || action === 'restore')
      await move(action, ids);
    else for (const run of ids) await attempt(() => call(EACH[action], { run }));
  }

  async function rename(run: RunSummary, name: string): Promise<void> {
    const text = name.trim();
    if (!text || text === run.name) return;
    const to =
      (value: string): Undo =>
      () =>
        call('runs.rename', { run: run.id, name: value });
    if (await attempt(to(text))) undos.push(to(run.name));
  }

  async function tag(run: RunSummary, tags: string[]): Promise<void> {
    const to =
      (value: string[]): Undo =>
      () =>
        call('runs.annotate', { run: run.id, tags: value });
    if (await attempt(to(tags))) undos.push(to(run.tags));
  }

  async function purge(): Promise<void> {
    const runs = purging.value;
    purging.value = [];
    const ids = runs.map(({ id }) => id);
    if (await attempt(() => call('runs.purge', { runs: ids })))
      failures.tell(t('runs.did_purge', { count: ids.length }, ids.length));
  }

  return { act, rename, tag, purging, purge };
}
