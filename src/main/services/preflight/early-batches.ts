/** Finds the batches of an early large batch by the preflight's estimate of memory. */
import { earlyLargeBatches } from '../../../shared/curriculum/early-large-batch';
import type { Plan } from '../../../shared/curriculum/plan';
import { AppError } from '../../../shared/errors';
import type { RunConfig } from '../../../shared/run-config';
import { hostBytes } from './host-bytes';
import { memoryByBatch } from './memory-estimate';
import { mostThatFit, type Device } from './out-of-memory';

/**
 * Returns the batch of each stage.
 * @param device that steps run on; the loader takes its part of the processor's memory @param onHost whether it is the
 * processor
 * @throws AppError engine_unavailable where nothing can be estimated
 */
export function earlyBatches(
  config: RunConfig,
  classes: number,
  plan: Plan,
  device: Device,
  onHost: boolean,
): number[] {
  const parts = config.optimizer.grad_accum_steps;
  const room = onHost ? device.bytes - hostBytes(config, plan) : device.bytes;
  const known = new Map<number, number>();
  const fits = (bandwidth: number): number => {
    const found = known.get(bandwidth);
    if (found !== undefined) return found;
    const line = memoryByBatch(config, classes, 'train', bandwidth);
    if (!line) throw unknown();
    const most = mostThatFit(line, room) * parts;
    known.set(bandwidth, most);
    return most;
  };
  return earlyLargeBatches(config.schedule.stages, config.size, { batch: config.data.batch, parts }, fits);
}

const unknown = (): AppError =>
  new AppError({
    code: 'engine_unavailable',
    what: 'The largest batch that fits can not be estimated.',
    why: 'The estimate follows a training step through TensorFlow, which this machine lacks.',
    next: 'Set the batches by stage, for example --set schedule.stages.0.batch=512.',
    action: { id: 'set_by_stage' },
  });
