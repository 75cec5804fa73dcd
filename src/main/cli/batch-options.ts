/**
 * Applies `--replay` and `--early-large-batch` of `train`: they set fields of each stage from the schedule that all
 * other options make.
 */
import { withPublishedReplay } from '../../shared/curriculum/published-replay';
import { memoryOf } from '../services/preflight/device-memory';
import { borrowDevice, figuresOf } from '../services/gpu/take-device';
import { resolveRun, type ResolvedRun, type RunRequest } from '../services/runs/configs';
import type { Store } from '../store/open';
import type { CommandCall } from './command';
import { choiceOption } from './options';

const WHOLE = /^\s*schedule(\.stages)?\s*=/;

/** Returns the stages that a --set gives as a whole, as they were typed. */
function givenStages(set: string): Record<string, unknown>[] {
  const given = JSON.parse(set.slice(set.indexOf('=') + 1)) as { stages?: unknown };
  const stages = Array.isArray(given) ? (given as unknown) : given.stages;
  return Array.isArray(stages) ? (stages as Record<string, unknown>[]) : [];
}

/**
 * Inserts a field of each stage where it counts: after a --set of the whole schedule, which would replace it, and before
 * those of single fields. A stage that was given with the field keeps its own.
 */
function withStageField(set: readonly string[], field: string, values: readonly number[]): string[] {
  const whole = set.findLastIndex((each) => WHOLE.test(each));
  const given = whole < 0 ? [] : givenStages(set[whole] as string);
  const inserted = values.flatMap((value, stage) =>
    given[stage]?.[field] === undefined ? [`schedule.stages.${stage}.${field}=${value}`] : [],
  );
  return [...set.slice(0, whole + 1), ...inserted, ...set.slice(whole + 1)];
}

/**
 * Resolves the request with the fields of the options added as if --set had given them. @throws AppError as
 * `resolveRun`, usage
 */
export async function withBatchOptions(
  store: Store,
  values: CommandCall['values'],
  asked: RunRequest,
): Promise<ResolvedRun> {
  const request = { ...asked, teachers: { store, files: true } };
  const replays = choiceOption(values, 'replay', ['published', 'off'], 'off') === 'published';
  let set = [...request.set];
  if (replays) {
    const { schedule, size, model } = resolveRun(request).config;
    const stages = withPublishedReplay(schedule.stages, size, model);
    set = withStageField(
      set,
      'replay_times',
      stages.map(({ replay_times }) => replay_times),
    );
  }
  const resolved = resolveRun({ ...request, set });
  if (values['early-large-batch'] !== true) return resolved;
  const { config, plan } = resolved;
  const { earlyBatches } = await import('../services/preflight/early-batches');
  const gpu = await figuresOf(await borrowDevice(store, config.engine.device));
  const batches = earlyBatches(config, request.dataset.classes.length, plan, memoryOf(gpu), gpu === null);
  return resolveRun({ ...request, set: withStageField(set, 'batch', batches) });
}
