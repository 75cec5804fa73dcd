import type { DraftBody } from '../../../shared/contract/drafts';
import type { JobResult } from '../../../shared/contract/job-kinds';
import { AppError } from '../../../shared/errors';
import { removeDraft } from '../../store/drafts';
import { enqueueRun } from '../../store/run-marks';
import type { Run } from '../../store/runs';
import type { CallContext, Handlers } from '../core/context';
import { memoryKey } from '../preflight/memory-key';
import { ratesOf } from '../../store/training-rates';

type Memory = JobResult<'memory'>;

/** Number of remembered answers: a trace takes a second and its answer never changes. */
const REMEMBERED = 32;
const memories = new Map<string, Promise<Memory>>();

async function memoryOf(context: CallContext, draft: DraftBody): Promise<Memory> {
  const { resolveDraftRun } = await import('../runs/draft-run');
  try {
    const { config, plan, dataset } = resolveDraftRun(context.store, draft, context.settings.get());
    const key = memoryKey(config, dataset.classes.length, plan);
    const known = memories.get(key) ?? context.jobs.start('memory', { draft }).result;
    memories.delete(key);
    memories.set(key, known);
    known.catch(() => memories.delete(key));
    for (const old of [...memories.keys()].slice(0, -REMEMBERED)) memories.delete(old);
    return await known;
  } catch (error) {
    // An unfinished draft is often not valid yet; the form says where it is wrong.
    if (
      error instanceof AppError &&
      ['invalid_config', 'invalid_stage', 'not_found', 'bad_dataset'].includes(error.code)
    )
      return [];
    throw error;
  }
}

export const handlers: Handlers<'plans'> = {
  'plans.rates': ({ store }, { model }) => ratesOf(store, model),
  'plans.memory': (context, { draft }) => memoryOf(context, draft),
  'plans.early_batches': ({ jobs }, { draft }) => jobs.start('early_batches', { draft }).result,
  'plans.start': async ({ store, home, scheduler, settings, grants }, { draft, draft_id, queue }) => {
    const { resolveDraftRun } = await import('../runs/draft-run');
    const { createBranch } = await import('../runs/branch');
    const { initialWeights, createRunFrom, namedParent } = await import('../runs/initial-weights');
    const { config, origin, plan, dataset } = resolveDraftRun(store, draft, settings.get());
    const ofRun = namedParent(store, config.init) !== null;
    const init = config.init === null || ofRun ? config.init : await grants.checkInTime(config.init);
    const initial = await initialWeights(home, store, { ...config, init }, dataset.classes.length);
    const placed = (created: Run): void => {
      enqueueRun(store, created.id);
      if (draft_id !== null) removeDraft(store, draft_id);
    };
    const run =
      config.branch === null
        ? store.transaction(() => {
            const created = createRunFrom(home, store, { origin, plan }, initial);
            placed(created);
            return created;
          })()
        : await createBranch(home, store, { config, origin, plan }, placed);
    // Where the queue is off, a run still starts by its own button as long as a device is free.
    if (!queue || (!settings.get().queue_runs && scheduler.hasRoomFor(run.id))) scheduler.start(run.id);
    else scheduler.look();
    return { run: run.id };
  },
};
