/**
 * Checks everything that has to be right before a run starts, in this order: a later check needs what an earlier one
 * found.
 */
import type { z } from 'zod';
import type { Gpu, RunDevice } from '../../../shared/contract/devices';
import type { DraftBody } from '../../../shared/contract/drafts';
import type { JobResult } from '../../../shared/contract/job-kinds';
import type { preflightArgs } from '../../../shared/contract/plans';
import { ownPart } from '../../../shared/curriculum/branch';
import type { Plan } from '../../../shared/curriculum/plan';
import { databasePath } from '../../base/home';
import { openStore, type Store } from '../../store/open';
import type { JobCall, JobImplementation } from '../core/job-protocol';
import { measuredGpuMemory } from '../preflight/gpu-memory-items';
import { borrowDevice, figuresOf } from '../gpu/take-device';
import { autocastGain } from '../preflight/autocast-gain';
import { knownLoad } from '../../../shared/schedule-editor/estimate';
import { SettingsStore } from '../../store/settings';
import { ratesOf } from '../../store/training-rates';
import { hasBfloat16 } from '../doctor/cpu-features';
import { planBranch } from '../runs/branch';
import { resolveDraftRun } from '../runs/draft-run';
import { hoursOf, measureStages, type MeasuredStage } from '../preflight/dry-run';
import { chooseXla } from '../preflight/xla-choice';
import { failure, item } from '../preflight/item';
import {
  datasetItem,
  diskItem,
  engineItem,
  hostMemoryItem,
  memoryItem,
  predictedMemory,
} from '../preflight/preflight-items';

type Result = JobResult<'preflight'>;
type Args = z.output<typeof preflightArgs>;

const failed = (items: Result['items']): Result => ({ items, stages: [], hours: null });

async function checks(
  store: Store,
  draft: DraftBody,
  dryRun: boolean,
  { home, signal, progress }: JobCall,
): Promise<Result> {
  progress('engine', 0, 0);
  let run: ReturnType<typeof resolveDraftRun>;
  let whole: Plan;
  let device: RunDevice;
  let free: Gpu | null;
  try {
    run = resolveDraftRun(store, draft, new SettingsStore(store).get());
    whole = run.config.branch === null ? run.plan : (await planBranch(home, store, run)).plan;
    // Checking the engine loads TensorFlow, and with it the device.
    device = await borrowDevice(store, run.config.engine.device);
    free = await figuresOf(device);
  } catch (error) {
    return failed([engineItem(), failure(error)]);
  }
  const items = [engineItem()];
  const onGpu = items[0]?.code === 'gpu';
  const before = onGpu ? free : null;
  const { config, dataset } = run;
  const plan = ownPart({ config, plan: whole });
  items.push(
    item('ranges', 'good', 'good'),
    item('schedule', 'good', 'good', { stages: whole.stages.length, steps: whole.totals.steps }),
  );
  progress('dataset', 0, 0);
  items.push(await datasetItem(store, dataset));
  signal.throwIfAborted();
  items.push(diskItem(home, config, dataset.classes.length, whole));
  const predicted =
    (before && hostMemoryItem(config, plan)) ?? predictedMemory(config, dataset.classes.length, plan, before);
  const doomed = items.some(({ state }) => state === 'error') || predicted?.state === 'error';
  if (!dryRun || doomed) return { items: [...items, ...(predicted ? [predicted] : [])], stages: [], hours: null };
  const options = {
    ...{ home, config, classes: dataset.classes.length, plan, signal, gpu: before },
    xla: config.engine.xla === 'on' && onGpu,
    onStage: (_stage: number, done: number, total: number) => progress('memory', done, total),
  };
  let measured: MeasuredStage[];
  try {
    measured = await measureStages(options);
  } catch (error) {
    if (signal.aborted) throw error;
    return { items: [...items, failure(error, 'memory')], stages: [], hours: null };
  }
  const after = before && (await figuresOf(device));
  items.push(
    before && after
      ? measuredGpuMemory(measured.at(-1) as MeasuredStage, before, after)
      : memoryItem(config, plan, measured),
  );
  const gain = hasBfloat16() || onGpu ? await autocastGain(options, measured) : null;
  if (gain) items.push(gain);
  const compiled = onGpu ? await chooseXla(options, measured, device) : null;
  if (compiled) items.push(compiled);
  return { items, stages: measured, hours: hoursOf(plan, measured, knownLoad(ratesOf(store, config.model))) };
}

export const job: JobImplementation<Args, Result> = {
  run: async ({ draft, dry_run }, call) => {
    const store = openStore(databasePath(call.home));
    try {
      return await checks(store, draft, dry_run, call);
    } finally {
      store.close();
    }
  },
};
