import type { Store } from '../../store/open';
import type { CallContext } from '../core/context';
import { refuseBlocked } from './blocked-import';
import { refuseDoubt } from './layout-doubt';
import { describeScan, storeScan } from './dataset-record';
import { discardReview, withReview } from './reviews';

/** From this many files on, a process of its own writes the rows, so that the host keeps answering. */
const LARGE = 20_000;

/**
 * Stores a review as a dataset, which ends the review. @returns the dataset's id @throws AppError bad_dataset,
 * not_found
 */
export function commitNow(home: string, store: Store, review: string, name: string): string {
  const id = withReview(home, review, (scratch) => {
    const dataset = describeScan(scratch, name);
    refuseDoubt(scratch);
    refuseBlocked(dataset, scratch);
    storeScan(store, scratch, dataset);
    return dataset.id;
  });
  discardReview(home, review);
  return id;
}

/** Does the same from the host. A folder that was imported may be used from now on (`importedFolders`). */
export async function commitReview({ home, store, jobs }: CallContext, review: string, name: string): Promise<string> {
  const isLarge = withReview(home, review, (scratch) => scratch.count()) > LARGE;
  if (isLarge) return (await jobs.start('commit', { review, name }, review).result).dataset;
  return commitNow(home, store, review, name);
}
