/**
 * Imports under way: scans that run, that wait for their review, or that failed. They continue whatever screen is open.
 */
import { defineStore } from 'pinia';
import { computed, effectScope, ref, watch } from 'vue';
import type { Result } from '../../shared/contract';
import { scanResult } from '../../shared/contract/reviews';
import type { LayoutReading } from '../../shared/contract/layout';
import type { TableReading } from '../../shared/contract/table';
import type { Job } from '../../shared/contract/jobs';
import { AppError } from '../../shared/errors';
import { call } from '../api/client';
import { usePull } from '../composables/use-pull';
import { i18n } from '../i18n';
import { router } from '../router';
import { useFailures } from './failures';

export interface ScanOptions {
  /** Share of a drawn validation split. */
  val_split?: number;
  seed?: number;
  layout?: LayoutReading;
  /** Whether images are imported without labels. */
  unlabelled?: boolean;
  table?: TableReading;
}

/** Returns the last part of a path, for people. */
export const nameOf = (path: string): string => path.split(/[\\/]/).findLast((part) => part) ?? path;

export const useScans = defineStore('scans', () => {
  const failures = useFailures();
  const scope = effectScope(true);
  const jobs = scope.run(() =>
    usePull(async () => (await call('jobs.list', {})).filter(({ kind }) => kind === 'scan'), {
      topics: ['jobs'],
      leastMs: 200,
    }),
  ) as ReturnType<typeof usePull<Job[]>>;
  const dismissed = ref<string[]>([]);
  const reviewOf = (job: Job): string | null => {
    const result = scanResult.safeParse(job.result);
    return result.success ? result.data.review : null;
  };
  const all = computed(() => (jobs.data.value ?? []).filter(({ id }) => !dismissed.value.includes(id)));
  const running = computed(() => all.value.filter(({ state }) => state === 'running'));
  const failed = computed(() => all.value.filter(({ state }) => state === 'failed'));
  const reviews = scope.run(() => usePull(() => call('reviews.list', {}), { leastMs: 1000 })) as ReturnType<
    typeof usePull<Result<'reviews.list'>>
  >;
  const waiting = computed(() => reviews.data.value ?? []);
  scope.run(() =>
    watch(
      () => all.value.filter(({ state }) => state === 'done').length,
      () => void reviews.refresh(),
    ),
  );

  /** Scans that were started in this window and whose end is not reported yet. */
  const followed = new Map<string, (review: string) => unknown>();

  /** Opens the review where the user waits for it; otherwise says that it waits. */
  function tellEnd(job: Job, onReview: (review: string) => unknown): void {
    const name = nameOf(job.subject ?? '');
    const review = reviewOf(job);
    if (job.state === 'done' && review !== null) onReview(review);
    else if (job.state === 'cancelled') failures.tell(i18n.global.t('datasets.scan_cancelled', { name }));
    else if (job.error && router.currentRoute.value.name !== 'datasets') failures.report(new AppError(job.error));
  }

  /** Opens a review where the user is at the list of datasets; otherwise says that it waits. */
  function offer(review: string, source: string): void {
    const name = nameOf(source);
    const open = (): unknown => router.push({ name: 'review', params: { id: review } });
    if (router.currentRoute.value.name === 'datasets') void open();
    else
      failures.tell(i18n.global.t('datasets.scan_finished', { name }), {
        label: i18n.global.t('datasets.review'),
        run: open,
      });
  }

  scope.run(() =>
    watch(all, (list) => {
      for (const job of list) {
        const onReview = followed.get(job.id);
        if (!onReview || job.state === 'running') continue;
        followed.delete(job.id);
        tellEnd(job, onReview);
      }
    }),
  );

  const dismiss = (job: string): void => void dismissed.value.push(job);

  /** Starts a scan. @returns the job's id @throws AppError where it can't begin */
  async function start(
    source: string,
    chosen: ScanOptions = {},
    onReview: (review: string) => unknown = (review) => offer(review, source),
  ): Promise<string> {
    // The findings of an earlier scan must not be shown beside those of this one.
    for (const { id, subject } of failed.value) if (subject === source) dismiss(id);
    const { job } = await call('jobs.start', { kind: 'scan', args: { source, ...chosen }, subject: source });
    followed.set(job, onReview);
    await jobs.refresh();
    return job;
  }

  const cancel = (job: string): Promise<null> => call('jobs.cancel', { job });
  return { running, failed, waiting, start, cancel, dismiss, offer, refreshReviews: reviews.refresh };
});
