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

const ofStages = (field: string, values: readonly number[]): string[] =>
  values.map((value, stage) => `schedule.stages.${stage}.${field}=${value}`);

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
    set = [
      ...ofStages(
        'replay_times',
        stages.map(({ replay_times }) => replay_times),
      ),
      ...set,
    ];
  }
  const resolved = resolveRun({ ...request, set });
  if (values['early-large-batch'] !== true) return resolved;
  const { config, plan } = resolved;
  const { earlyBatches } = await import('../services/preflight/early-batches');
  const gpu = await figuresOf(await borrowDevice(store, config.engine.device));
  const batches = earlyBatches(config, request.dataset.classes.length, plan, memoryOf(gpu), gpu === null);
  return resolveRun({ ...request, set: [...set, ...ofStages('batch', batches)] });
}
