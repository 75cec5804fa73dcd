/** Words a run's learning order; stages that share a bandwidth are joined. */
import { learnedGroups } from '../../shared/learning-order';
import type { LearningOrder } from '../services/runs/learning-order';

export function learningOrderText({ stages, never, total, unread }: LearningOrder): string {
  const groups = learnedGroups(stages, [...stages.map(({ count }) => count), never]);
  const counts = groups.map(
    ({ bandwidth, count }) => `${bandwidth === null ? 'never' : `at ${bandwidth} px`} ${count}`,
  );
  const missing = unread ? ` ${unread} more could not be read in every evaluation.` : '';
  return `Learned, of ${total} validation images: ${counts.join(', ')}.${missing}`;
}
