import type { z } from 'zod';
import type { JobResult } from '../../../shared/contract/job-kinds';
import type { scanArgs } from '../../../shared/contract/reviews';
import { AppError } from '../../../shared/errors';
import type { JobImplementation } from '../core/job-protocol';
import { scanAtHome } from '../datasets/imports';
import { clearStaleReviews, keepReview } from '../datasets/reviews';

/** Milliseconds between two messages: nobody could read more. */
const TELL_MS = 100;

export const job: JobImplementation<z.output<typeof scanArgs>, JobResult<'scan'>> = {
  run: async ({ source, val_split, seed, layout, table, unlabelled }, { home, signal, progress }) => {
    clearStaleReviews(home);
    let told = { phase: '', at: 0 };
    const scratch = await scanAtHome({
      ...{
        source,
        home,
        signal,
        seed,
        valSplit: val_split ?? null,
        read: { ...(layout ? { layout } : {}), ...(table ? { table } : {}), ...(unlabelled ? { unlabelled } : {}) },
      },
      onProgress: ({ phase, done, total }) => {
        const now = performance.now();
        if (phase === told.phase && now - told.at < TELL_MS && done !== total) return;
        told = { phase, at: now };
        progress(phase, done, total);
      },
    });
    try {
      const empty =
        !scratch.facts().doubt &&
        scratch.count() === 0 &&
        scratch.db.prepare('SELECT 1 FROM problems LIMIT 1').get() === undefined;
      if (empty) throw nothingIn(source);
      signal.throwIfAborted();
      scratch.indexForReview();
      return { review: keepReview(home, scratch) };
    } catch (error) {
      scratch.discard();
      throw error;
    }
  },
};

const nothingIn = (source: string): AppError =>
  new AppError({
    code: 'bad_dataset',
    what: `${source} is empty.`,
    why: 'It holds no file at all.',
    next: 'Choose a folder that holds one folder per class, or a CSV of path,label.',
  });
