/**
 * Finished scans that wait for a decision: files under <home>/reviews, of any process of this data folder. Each call
 * opens the file, so that nothing is held open, two hosts see the same, and a restart loses nothing.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import {
  RECOMMENDED_KINDS,
  RED_KINDS,
  TINY_SIDE,
  type FindingKind,
  type Review,
} from '../../../shared/contract/reviews';
import { AppError } from '../../../shared/errors';
import { canRedo, canUndo, countToLeave, IS_KEPT, isAlwaysOut, isChoice } from '../../engine/data/scan/exclusions';
import { Scratch } from '../../engine/data/scan/scratch';
import { whyBlocked } from './blocked-import';
import { doubtText } from './layout-doubt';
import { countFindings, describeScan, nameOf } from './dataset-record';
import { isWholeFolder } from './datasets';
import type { PictureSource } from '../pictures/pictures-below';

/** The next scan removes a review that has not been opened for so long. */
const STALE_MS = 14 * 24 * 3600 * 1000;

const KEPT = 'usable = 1 AND excluded IS NULL';

const folderOf = (home: string): string => join(home, 'reviews');

const notThere = (id: string): AppError =>
  new AppError({
    code: 'not_found',
    what: `There is no review ${id}.`,
    why: 'It was committed, discarded, or cleared away after two weeks.',
    next: 'Scan the folder again.',
  });

/**
 * Returns a review's file. @throws AppError not_found for a text that is no review's id: it never becomes part of a
 * path
 */
function fileOf(home: string, id: string): string {
  if (!/^[0-9a-f]{12}$/.test(id)) throw notThere(id);
  return join(folderOf(home), `${id}.db`);
}

/** Makes a finished scan a review and closes it. @returns the review's id */
export function keepReview(home: string, scratch: Scratch): string {
  const id = randomBytes(6).toString('hex');
  mkdirSync(folderOf(home), { recursive: true });
  scratch.close();
  renameSync(scratch.file, fileOf(home, id));
  return id;
}

/** Opens a review for a function. @throws AppError not_found */
export function withReview<T>(home: string, id: string, use: (scratch: Scratch) => T): T {
  const file = fileOf(home, id);
  const scratch = Scratch.open(file);
  if (!scratch) throw notThere(id);
  try {
    return use(scratch);
  } finally {
    scratch.close();
    const now = new Date();
    if (existsSync(file)) utimesSync(file, now, now);
  }
}

/** Returns the source of a review's pictures. @param paths those that will be asked for @throws AppError not_found */
export const pictureSource = (home: string, id: string, paths: readonly string[]): PictureSource =>
  withReview(home, id, (scratch) => {
    const { root, format } = scratch.facts();
    if (isWholeFolder({ format })) return { root, holds: () => true };
    const named = scratch.db
      .prepare(
        'SELECT EXISTS (SELECT 1 FROM files WHERE path = @path) OR EXISTS (SELECT 1 FROM problems WHERE path = @path)',
      )
      .pluck();
    const held = new Set(paths.filter((path) => named.get({ path }) === 1));
    return { root, holds: (path) => held.has(path) };
  });

export function discardReview(home: string, id: string): void {
  for (const end of ['', '-journal']) rmSync(`${fileOf(home, id)}${end}`, { force: true });
}

/** Returns the ids of reviews, the most recently used first. */
export function reviewIds(home: string): string[] {
  if (!existsSync(folderOf(home))) return [];
  return readdirSync(folderOf(home))
    .filter((name) => /^[0-9a-f]{12}\.db$/.test(name))
    .map((name) => ({ id: name.slice(0, -3), looked: statSync(join(folderOf(home), name)).mtimeMs }))
    .sort((a, b) => b.looked - a.looked)
    .map(({ id }) => id);
}

/** Lists the reviews that can be opened: damaged ones and those of another version wait for their removal. */
export function listReviews(home: string): Pick<Review, 'id' | 'source' | 'name'>[] {
  return reviewIds(home).flatMap((id) => {
    const scratch = Scratch.open(fileOf(home, id));
    if (!scratch) return [];
    const { source } = scratch.facts();
    scratch.close();
    return [{ id, source, name: nameOf(source) }];
  });
}

export function clearStaleReviews(home: string): void {
  for (const id of reviewIds(home)) {
    const stat = statSync(fileOf(home, id), { throwIfNoEntry: false });
    if (stat && Date.now() - stat.mtimeMs > STALE_MS) discardReview(home, id);
  }
}

/** Describes a review in its present state. */
export function reviewOf(id: string, scratch: Scratch): Review {
  const { source, format, read, doubt = null, layout = null } = scratch.facts();
  const findings = countFindings(scratch);
  const dataset = describeScan(scratch, nameOf(source), findings);
  const { counts, formats, sizes, options } = dataset.record;
  const tiny = scratch.db.prepare(`SELECT count(*) FROM files WHERE ${KEPT} AND min(width, height) < ?`).pluck();
  return {
    ...{ id, source, name: dataset.name, format: dataset.format, classes: dataset.classes },
    to_leave: { red: countToLeave(scratch, RED_KINDS), recommended: countToLeave(scratch, RECOMMENDED_KINDS) },
    ...{ counts, formats, sizes, findings, tiny: tiny.get(TINY_SIDE) as number },
    ...{ val_drawn: options.val_drawn, val_split: options.val_split, seed: options.seed },
    ...{ doubt, layout, layout_chosen: read?.layout ?? null, unlabelled: read?.unlabelled ?? false },
    table: format === 'csv' ? (read?.table ?? {}) : null,
    ...{
      blocked: doubt ? doubtText(doubt) : whyBlocked(dataset, scratch),
      can_undo: canUndo(scratch),
      can_redo: canRedo(scratch),
    },
  };
}

export interface Finding {
  kind: FindingKind;
  path: string;
  reason: string;
  others: string[];
  excluded: boolean;
  usable: boolean;
}

/** Returns a page of the findings of a kind, in order of path. */
export function pageOfFindings(
  { db }: Scratch,
  kind: FindingKind,
  offset: number,
  limit: number,
): { total: number; findings: Finding[] } {
  const total = db.prepare('SELECT count(*) FROM problems WHERE kind = ?').pluck().get(kind) as number;
  const rows = db
    .prepare(
      `SELECT path, reason, others, ${IS_KEPT} AS kept, EXISTS (SELECT 1 FROM files f WHERE f.path = p.path AND f.usable = 1) AS usable
        FROM problems p WHERE kind = ? ORDER BY path LIMIT ? OFFSET ?`,
    )
    .all(kind, limit, offset) as {
    path: string;
    reason: string;
    others: string | null;
    usable: number;
    kept: number;
  }[];
  const findings = rows.map(({ path, reason, others, ...file }) => {
    const usable = isChoice(kind) && file.usable === 1;
    const named = others ? (JSON.parse(others) as string[]) : [];
    const excluded = isAlwaysOut(kind) || (isChoice(kind) && (!usable || file.kept === 0));
    return { kind, path, reason, others: named, usable, excluded };
  });
  return { total, findings };
}

export interface ReviewImage {
  path: string;
  /** Label of the image; null: it has none. */
  label: string | null;
  width: number;
  height: number;
}

export interface ImagePage {
  /** Split of the images; null: all splits. */
  split: string | null;
  /** Label of the images; null: all classes. */
  label: string | null;
  /** Upper limit of the shorter side; null: all. */
  below: number | null;
  offset: number;
  limit: number;
}

/** Returns a page of the images that will be trained on, in order of path. */
export function pageOfImages({ db }: Scratch, page: ImagePage): { total: number; images: ReviewImage[] } {
  const { split, label, below } = page;
  const where = [
    KEPT,
    ...(split === null ? [] : ['split = @split']),
    ...(label === null ? [] : ['class = @label']),
    ...(below === null ? [] : ['min(width, height) < @below']),
  ].join(' AND ');
  const total = db.prepare(`SELECT count(*) FROM files WHERE ${where}`).pluck().get(page) as number;
  const images = db
    .prepare(
      `SELECT path, class AS label, width, height FROM files WHERE ${where} ORDER BY path LIMIT @limit OFFSET @offset`,
    )
    .all(page) as ReviewImage[];
  return { total, images };
}
