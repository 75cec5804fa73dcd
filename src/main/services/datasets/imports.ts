/**
 * Scans and commits a source in one process, as the command line does; and the parts that both hosts need to begin a
 * scan.
 */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { compareClasses } from '../../engine/data/scan/class-lists';
import { excludeKinds } from '../../engine/data/scan/exclusions';
import type { Problem } from '../../engine/data/scan/entries';
import { hasEnded } from '../../base/process-ended';
import { scanDataset, type ScanOptions } from '../../engine/data/scan/scan';
import type { Scratch } from '../../engine/data/scan/scratch';
import type { Dataset } from '../../store/datasets';
import type { Store } from '../../store/open';
import { refuseBlocked } from './blocked-import';
import { refuseDoubt } from './layout-doubt';
import { describeScan, nameOf, storeScan } from './dataset-record';

export interface HomeScan extends Omit<ScanOptions, 'scratchFile' | 'cacheFolder'> {
  home: string;
}

export interface ImportOptions extends HomeScan {
  name?: string;
  exclude: { problems: boolean; leaks: boolean };
}

export interface Review {
  dataset: Dataset;
  problems: Problem[];
  /** Commits to the store and closes the scan. */
  commit: (store: Store) => void;
  /** Discards the scan. */
  discard: () => void;
}

/** Scans a source into a working file of this process, after removing those of processes that were killed. */
export function scanAtHome(options: HomeScan): Promise<Scratch> {
  const folder = join(options.home, 'tmp');
  clearAbandoned(folder);
  return scanDataset({
    ...options,
    source: resolve(options.source),
    cacheFolder: join(options.home, 'cache', 'scans'),
    scratchFile: join(folder, `scan-${process.pid}-${Date.now()}.db`),
  });
}

/**
 * Scans a source; nothing is stored before `commit`. @throws AppError bad_dataset where nothing in it can be trained
 */
export async function reviewImport(options: ImportOptions): Promise<Review> {
  const scratch = await scanAtHome(options);
  try {
    refuseDoubt(scratch);
    const { problems, leaks } = options.exclude;
    if (problems) excludeKinds(scratch, ['label_conflict', 'duplicate'], true);
    if (leaks) excludeKinds(scratch, ['leak'], true);
    compareClasses(scratch);
    const { source } = scratch.facts();
    const dataset = describeScan(scratch, options.name ?? nameOf(source));
    refuseBlocked(dataset, scratch);
    const commit = (store: Store): void => {
      try {
        storeScan(store, scratch, dataset);
      } finally {
        scratch.discard();
      }
    };
    return { dataset, problems: scratch.problems(), commit, discard: () => scratch.discard() };
  } catch (error) {
    scratch.discard();
    throw error;
  }
}

function clearAbandoned(folder: string): void {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    const pid = /^scan-(\d+)-\d+\.db/.exec(name)?.[1];
    if (pid !== undefined && hasEnded(Number(pid))) rmSync(join(folder, name), { force: true });
  }
}
