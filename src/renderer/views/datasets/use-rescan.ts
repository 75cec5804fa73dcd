import { computed, onUnmounted, ref, type ComputedRef, type Ref } from 'vue';
import { useRouter } from 'vue-router';
import type { Job } from '../../../shared/contract/jobs';
import type { Review } from '../../../shared/contract/reviews';
import { call } from '../../api/client';
import { useFailures } from '../../stores/failures';
import { useScans, type ScanOptions } from '../../stores/scans';

export interface Rescan {
  /** The scan under way; null: none. */
  rescanning: ComputedRef<Job | null>;
  /** Scans the review's source again, with the earlier options and these changes. */
  scanAgain: (changes: ScanOptions) => Promise<void>;
  /** Scans another source in place of the review's. */
  scanInstead: (source: string) => Promise<void>;
}

/**
 * Starts another scan for another draw of the validation split, or for an answer to the source's question. The old
 * review is removed once the new one exists. @param nameOf the name that the user has given, which the new one keeps
 */
export function useRescan(review: Readonly<Ref<Review | null>>, nameOf: () => string): Rescan {
  const router = useRouter();
  const failures = useFailures();
  const scans = useScans();
  const job = ref<string | null>(null);
  let left = false;
  onUnmounted(() => (left = true));

  /**
   * Images without labels have other readings and, as a rule, no drawn validation split: that is not carried between
   * the two.
   */
  function optionsOf({ val_split, seed, layout_chosen, table, unlabelled }: Review, changes: ScanOptions): ScanOptions {
    const isTurned = changes.unlabelled !== undefined && changes.unlabelled !== unlabelled;
    return {
      seed,
      ...(isTurned ? {} : { val_split, unlabelled }),
      ...(layout_chosen && !isTurned ? { layout: layout_chosen } : {}),
      ...(table ? { table } : {}),
      ...changes,
    };
  }

  async function scanAgain(changes: ScanOptions): Promise<void> {
    const old = review.value;
    if (old) await replace(old, old.source, optionsOf(old, changes));
  }

  async function scanInstead(source: string): Promise<void> {
    if (review.value) await replace(review.value, source, {});
  }

  async function replace(old: Review, source: string, options: ScanOptions): Promise<void> {
    try {
      job.value = await scans.start(source, options, (id) => {
        void call('reviews.discard', { review: old.id }).catch(failures.report).then(scans.refreshReviews);
        if (left) scans.offer(id, source);
        else void router.replace({ name: 'review', params: { id }, state: { name: nameOf() } });
      });
    } catch (error) {
      failures.report(error);
    }
  }
  /** A scan that was cancelled or has failed leaves the review as it was. */
  const rescanning = computed(() => scans.running.find(({ id }) => id === job.value) ?? null);
  return { rescanning, scanAgain, scanInstead };
}
