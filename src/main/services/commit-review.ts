import type { CallContext } from './core/context';
import { describeScan, storeScan } from './dataset-record';
import { refuseBlocked } from './imports';
import { discardReview, withReview } from './reviews';

/** Stores a review as a dataset, which ends the review. @returns the dataset's id @throws AppError bad_dataset, not_found */
export function commitReview({ home, store, grants }: CallContext, review: string, name: string): string {
  const dataset = withReview(home, review, (scratch) => {
    const described = describeScan(scratch, name);
    refuseBlocked(described, scratch.facts().source);
    storeScan(store, scratch, described);
    return described;
  });
  grants.add(dataset.root);
  discardReview(home, review);
  return dataset.id;
}
