/**
 * Chooses the images of a batch where a stage replays (Wang et al., TPAMI 2024; order of operations as in the released
 * code): the fresh batch is pushed into the buffer in 32 parts, the oldest fresh batches leave it, and (n - 1) x 32
 * parts are drawn uniformly with replacement. The buffer's content is a window over the sample stream that ends with
 * the fresh batch, so every draw is a pure function of the plan and the step, and no state has to be kept for a resume.
 */
import { REPLAY_PARTS } from '../../../../shared/curriculum/replay';
import { rngOf, textKey } from '../../../../shared/random';
import type { LoaderStage } from '../../types';
import { freshBefore, freshOf, type Place } from './stream';

const DRAW = textKey('replay');

export interface ReplayDraws {
  stages: readonly LoaderStage[];
  seed: number;
  /** Number of images that the buffer holds at most. */
  held: number;
}

/** Returns the first step since which every stage has replayed: images that were fresh before it were never pushed. */
function begunAt(stages: readonly LoaderStage[], own: LoaderStage): number {
  const at = stages.indexOf(own);
  const before = stages.slice(0, at).findLastIndex(({ replayTimes }) => replayTimes === 1);
  return (stages[before + 1] as LoaderStage).firstStep;
}

/** Returns the position in the sample stream of an image of a batch. */
export function sourceOf({ stages, seed, held }: ReplayDraws, { stage, step, index }: Place): number {
  const fresh = freshOf(stage);
  const first = freshBefore(stages, step);
  if (index < fresh) return first + index;
  const part = fresh / REPLAY_PARTS;
  const end = first + fresh;
  // Whole fresh batches leave the buffer. Of an earlier stage with parts of another size, the oldest remainder is left
  // out.
  const pushed = Math.min(end - freshBefore(stages, begunAt(stages, stage)), Math.floor(held / fresh) * fresh);
  const drawn = rngOf(seed, DRAW, step, Math.floor((index - fresh) / part)).below(Math.floor(pushed / part));
  return end - (drawn + 1) * part + ((index - fresh) % part);
}

/** Returns the most images that are in the buffer at once. @param held its capacity */
export function mostPushed(stages: readonly LoaderStage[], held: number): number {
  const spans = stages
    .filter(({ replayTimes }) => replayTimes > 1)
    .map((stage) => freshBefore(stages, stage.firstStep + stage.steps) - freshBefore(stages, begunAt(stages, stage)));
  return Math.min(held, Math.max(0, ...spans));
}
