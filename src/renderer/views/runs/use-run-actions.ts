/** Acts on runs, reports what was done, and can undo it. */
import { shallowRef, type ShallowRef } from 'vue';
import { useI18n } from 'vue-i18n';
import { useRouter } from 'vue-router';
import type { RunSummary } from '../../../shared/contract/runs';
import { call } from '../../api/client';
import { useFailures } from '../../stores/failures';
import { useRuns } from '../../stores/runs';
import { allows, type Action } from './actions';
import {
  asking,
  enqueueing,
  isEach,
  isMove,
  moving,
  purging as purgeOf,
  renaming,
  tagging,
  unqueueing,
} from './run-calls';
import { useUndoing, type Undoing } from './use-undoing';

export interface RunActions {
  act: (action: Action, runs: readonly RunSummary[]) => Promise<void>;
  rename: (run: RunSummary, name: string) => Promise<void>;
  tag: (run: RunSummary, tags: string[]) => Promise<void>;
  /** Runs to be deleted for good once the user confirms it. */
  purging: ShallowRef<readonly RunSummary[]>;
  purge: () => Promise<void>;
}

const LEADING = ['finetune', 'probe', 'clone', 'export'] as const satisfies readonly Action[];
type Leading = (typeof LEADING)[number];

const isLeading = (action: Action): action is Leading => LEADING.some((leading) => leading === action);

/** Returns the actions that open another screen. */
function useLeading(): Record<Leading, (run: RunSummary) => Promise<unknown>> {
  const router = useRouter();
  const failures = useFailures();
  const open = (made: Promise<{ id: string }>): Promise<unknown> =>
    made.then(({ id }) => router.push({ name: 'draft', params: { draft: id } }), failures.report);
  return {
    finetune: ({ id }) => open(call('drafts.from_weights', { run: id, task: 'classify' })),
    probe: ({ id }) => open(call('drafts.from_weights', { run: id, task: 'probe' })),
    clone: ({ id }) => open(call('drafts.clone', { run: id })),
    export: ({ id }) => router.push({ name: 'run', params: { id }, query: { tab: 'exports' } }),
  };
}

function changes({ attempt, remember }: Undoing): Pick<RunActions, 'rename' | 'tag'> {
  async function rename(run: RunSummary, name: string): Promise<void> {
    const text = name.trim();
    if (!text || text === run.name) return;
    if (await attempt(renaming(run.id, text))) remember(renaming(run.id, run.name));
  }
  async function tag(run: RunSummary, tags: string[]): Promise<void> {
    if (await attempt(tagging(run.id, tags))) remember(tagging(run.id, run.tags));
  }
  return { rename, tag };
}

export function useRunActions(): RunActions {
  const { t } = useI18n();
  const store = useRuns();
  const failures = useFailures();
  const leading = useLeading();
  const undoing = useUndoing(store.refresh);
  const { attempt, done } = undoing;
  const purging = shallowRef<readonly RunSummary[]>([]);

  async function act(action: Action, runs: readonly RunSummary[]): Promise<void> {
    const fit = runs.filter((run) => allows(run, action));
    const [first] = fit;
    if (!first) return;
    const ids = fit.map(({ id }) => id);
    if (action === 'purge') purging.value = fit;
    else if (isLeading(action)) await leading[action](first);
    else if (action === 'enqueue') {
      const waiting = store.queue.map(({ id }) => id);
      await attempt(enqueueing(waiting, ids));
    } else if (action === 'unqueue') await attempt(unqueueing(ids));
    else if (isMove(action)) {
      const { work, undo } = moving(action, ids);
      if (await attempt(work)) done(t(`runs.did_${action}`, { count: ids.length }, ids.length), undo);
    } else if (isEach(action)) for (const run of ids) await attempt(asking(action, run));
  }

  async function purge(): Promise<void> {
    const ids = purging.value.map(({ id }) => id);
    purging.value = [];
    if (await attempt(purgeOf(ids))) failures.tell(t('runs.did_purge', { count: ids.length }, ids.length));
  }

  return { act, ...changes(undoing), purging, purge };
}
