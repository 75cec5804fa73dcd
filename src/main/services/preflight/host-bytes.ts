import type { Plan } from '../../../shared/curriculum/plan';
import { bufferMbOf, imagesHeld } from '../../../shared/curriculum/replay';
import type { RunConfig } from '../../../shared/run-config';
import { mostPushed } from '../../engine/data/loader/replay';
import { loaderStages } from '../../engine/train/setup';

/**
 * Returns the bytes that the loader keeps in the machine's memory beside the step: batches in flight, and the replay
 * buffer.
 */
export function hostBytes({ data, replay, size }: RunConfig, plan: Plan): number {
  const replayed = mostPushed(loaderStages(plan), imagesHeld(replay.buffer_mb, size));
  return (data.prefetch_mb + bufferMbOf(replayed, size)) * 2 ** 20;
}
