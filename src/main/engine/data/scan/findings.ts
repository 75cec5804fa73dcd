/** Finds what only shows when all files are known: copies, conflicts, leaks; and draws the validation split. */
import type Database from 'better-sqlite3';
import { NEAR_DUPLICATE_REASONS } from '../../../../shared/near-duplicate-reasons';
import { permutation, rngOf, textKey } from '../../../../shared/random';
import type { Scratch } from './scratch';
import { nearPairs, type NearOptions } from './near-pairs';

interface Copy {
  id: number;
  path: string;
  /** null: the images have no labels. */
  class: string | null;
  split: string;
}

/** Called between pieces of work. Now and then it reports progress and throws where the scan was cancelled. */
export type Pause = (done: number, total: number) => Promise<void> | void;

/** Files of a split that is not given, from which it is drawn. */
const DRAWN_FROM = "usable = 1 AND (split IS NULL OR split = 'train')";

interface Images {
  /** The first file of each image, in order of the images' smallest paths. */
  files: number[];
  /** Images that have several files. */
  copied: Set<number>;
}

/**
 * Draws a val split where there is none: seeded, stratified by class, over distinct images, so that copies stay on one
 * side.
 */
export function drawValidation({ db }: Scratch, share: number, seed: number): boolean {
  const isDrawn = !db.prepare("SELECT 1 FROM files WHERE usable = 1 AND split = 'val' LIMIT 1").get();
  db.transaction(() => {
    if (isDrawn) draw(db, share, seed);
    db.exec("UPDATE files SET split = 'train' WHERE split IS NULL");
  })();
  return isDrawn;
}

function draw(db: Database.Database, share: number, seed: number): void {
  const setOne = db.prepare("UPDATE files SET split = 'val' WHERE id = ?");
  const setAll = db.prepare(
    `UPDATE files SET split = 'val' WHERE sha256 = (SELECT sha256 FROM files WHERE id = @file)
      AND class IS (SELECT class FROM files WHERE id = @file) AND ${DRAWN_FROM}`,
  );
  for (const [name, { files, copied }] of imagesByClass(db)) {
    const order = permutation(files.length, rngOf(seed, textKey('val-split'), textKey(name ?? '')));
    for (const index of order.subarray(0, Math.round(files.length * share))) {
      const file = files[index] as number;
      if (copied.has(file)) setAll.run({ file });
      else setOne.run(file);
    }
  }
}

/**
 * Groups distinct images by class; null: images without labels. It makes one pass, because a query per class would read
 * all files once for each of a thousand classes. Rows are grouped here: sorting them by content too would take SQLite
 * longer than all the rest.
 */
function imagesByClass(db: Database.Database): Map<string | null, Images> {
  const repeated = 'SELECT sha256 FROM files WHERE usable = 1 GROUP BY sha256 HAVING count(*) > 1';
  const some = db.prepare(`${repeated} LIMIT 1`).get() !== undefined;
  // Null where no other file has the same content.
  const content = some ? `iif(sha256 IN (${repeated}), sha256, NULL)` : 'NULL';
  const rows = db.prepare(`SELECT id, class, ${content} FROM files WHERE ${DRAWN_FROM} ORDER BY path`).raw();
  const classes = new Map<string | null, Images>();
  const copies = new Map<string, { images: Images; place: number }>();
  for (const [id, className, shared] of rows.iterate() as IterableIterator<[number, string | null, string | null]>) {
    const images = classes.get(className) ?? { files: [], copied: new Set() };
    if (!images.files.length) classes.set(className, images);
    const key = shared === null ? null : JSON.stringify([className, shared]);
    const copy = key === null ? undefined : copies.get(key);
    if (copy) markCopied(copy, id);
    else {
      if (key !== null) copies.set(key, { images, place: images.files.length });
      images.files.push(id);
    }
  }
  return classes;
}

/** Keeps the copy that was listed first in the place of the one whose path comes first. */
function markCopied({ images, place }: { images: Images; place: number }, id: number): void {
  const kept = images.files[place] as number;
  const first = Math.min(kept, id);
  images.copied.delete(kept);
  images.files[place] = first;
  images.copied.add(first);
}

/** Number of copies that a finding names; of thousands that are all alike, the first are enough. */
const MOST_NAMED = 50;
/** Number of other labels that a finding's sentence names. */
const LABELS_NAMED = 5;

/** Reports copies, label conflicts and leaks of identical files. */
export async function findCopies(scratch: Scratch, pause: Pause): Promise<void> {
  const { db } = scratch;
  const groups = db
    .prepare('SELECT sha256 FROM files WHERE usable = 1 GROUP BY sha256 HAVING count(*) > 1')
    .pluck()
    .all() as string[];
  const copiesOf = db.prepare('SELECT id, path, class, split FROM files WHERE usable = 1 AND sha256 = ? ORDER BY path');
  for (const [index, sha256] of groups.entries()) {
    reportCopies(scratch, copiesOf.all(sha256) as Copy[]);
    await pause(index, groups.length);
  }
}

/** Names the first of many names and the number of the rest: a placeholder may be in thousands of classes. */
const someOf = (names: readonly string[]): string =>
  names.length > LABELS_NAMED
    ? `${names.slice(0, LABELS_NAMED).join(', ')} and ${names.length - LABELS_NAMED} more`
    : names.join(', ');

const paths = (copies: readonly Copy[]): string[] => copies.slice(0, MOST_NAMED).map(({ path }) => path);

/** Reports the copies of one image. @param copies its files, in order of path */
function reportCopies(scratch: Scratch, copies: readonly Copy[]): void {
  const labels = [...new Set(copies.flatMap((copy) => copy.class ?? []))];
  for (const copy of labels.length > 1 ? copies : []) {
    scratch.addProblem({
      kind: 'label_conflict',
      path: copy.path,
      reason: `The same image is also labelled ${someOf(labels.filter((label) => label !== copy.class))}.`,
      others: paths(copies.slice(0, MOST_NAMED + 1).filter(({ id }) => id !== copy.id)),
    });
  }
  const held = copies.filter(({ split }) => split !== 'train');
  for (const copy of held.length ? copies.filter(({ split }) => split === 'train') : []) {
    scratch.addProblem({
      kind: 'leak',
      path: copy.path,
      reason: `The same image is in the ${[...new Set(held.map(({ split }) => split))].join(' and ')} split.`,
      others: paths(held),
    });
  }
  const firsts = new Map<string, string>();
  for (const copy of copies) {
    const place = JSON.stringify([copy.split, copy.class]);
    const first = firsts.get(place);
    if (first === undefined) firsts.set(place, copy.path);
    else
      scratch.addProblem({
        kind: 'duplicate',
        path: copy.path,
        reason: 'It is a copy, byte for byte.',
        others: [first],
      });
  }
}

/**
 * Reports pairs of different files that look alike. Whether they are one image is for a person to decide.
 * @param options.beside gives every file its split
 */
export async function findNearDuplicates(scratch: Scratch, pause: Pause, options: NearOptions = {}): Promise<void> {
  const files = scratch.looks();
  const pairs = await nearPairs(files, pause, options);
  const found = new Map<string, { others: Set<string>; across: boolean; mirrored: boolean }>();
  for (const pair of pairs) {
    const [one, other] = [files.file(pair.a), files.file(pair.b)];
    const [first, second] = one.path < other.path ? [one, other] : [other, one];
    const known = found.get(second.path) ?? { others: new Set(), across: false, mirrored: true };
    if (known.others.size < MOST_NAMED) known.others.add(first.path);
    known.across ||= first.split !== second.split;
    known.mirrored &&= pair.mirrored;
    found.set(second.path, known);
  }
  scratch.db.transaction(() => {
    for (const [path, { others, across, mirrored }] of found) {
      const reason = NEAR_DUPLICATE_REASONS[`near_duplicate${mirrored ? '_mirrored' : ''}${across ? '_across' : ''}`];
      scratch.addProblem({ kind: 'near_duplicate', path, reason, others: [...others].sort() });
    }
  })();
}
