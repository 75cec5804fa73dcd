/** What only shows when all files are known: copies, conflicts, leaks; the drawn validation split. */
import { permutation, rngOf, textKey } from '../../../../shared/random';
import type { Scratch } from './scratch';
import { bitsApart, NEAR } from './perceptual-hash';

interface Copy {
  id: number;
  path: string;
  class: string;
  split: string;
}

/** Called between pieces of work: now and then it says how far that is and lets a cancel through (it throws then). */
export type Pause = (done: number, total: number) => Promise<void> | void;

/** Where there is no val split: a seeded draw, stratified by class, over distinct images, so that copies stay on one side. */
export function drawValidation({ db }: Scratch, share: number, seed: number): boolean {
  if (db.prepare("SELECT 1 FROM files WHERE usable = 1 AND split = 'val' LIMIT 1").get()) {
    db.exec("UPDATE files SET split = 'train' WHERE split IS NULL");
    return false;
  }
  const classes = db.prepare('SELECT DISTINCT class FROM files WHERE usable = 1 ORDER BY class').pluck().all() as string[];
  const setVal = db.prepare(
    "UPDATE files SET split = 'val' WHERE class = ? AND sha256 = ? AND usable = 1 AND (split IS NULL OR split = 'train')",
  );
  db.transaction(() => {
    for (const name of classes) {
      const images = db
        .prepare(
          "SELECT sha256 FROM files WHERE usable = 1 AND class = ? AND (split IS NULL OR split = 'train') GROUP BY sha256 ORDER BY min(path)",
        )
        .pluck()
        .all(name) as string[];
      const order = permutation(images.length, rngOf(seed, textKey('val-split'), textKey(name)));
      for (const index of order.subarray(0, Math.round(images.length * share))) setVal.run(name, images[index]);
    }
    db.exec("UPDATE files SET split = 'train' WHERE split IS NULL");
  })();
  return true;
}

/** Copies that a finding names; of thousands that are all alike, the first say enough. */
const MOST_NAMED = 50;
/** Other labels that a finding's sentence names. */
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

/** Of many names the first, and how many more there are: a placeholder may lie in thousands of classes. */
const someOf = (names: readonly string[]): string =>
  names.length > LABELS_NAMED
    ? `${names.slice(0, LABELS_NAMED).join(', ')} and ${names.length - LABELS_NAMED} more`
    : names.join(', ');

const paths = (copies: readonly Copy[]): string[] => copies.slice(0, MOST_NAMED).map(({ path }) => path);

/** @param copies one image's files, in order of path */
function reportCopies(scratch: Scratch, copies: readonly Copy[]): void {
  const labels = [...new Set(copies.map((copy) => copy.class))];
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
    else scratch.addProblem({ kind: 'duplicate', path: copy.path, reason: 'It is a copy, byte for byte.', others: [first] });
  }
}

/** In order of their hash, a file is compared with so many of those that follow it: where thousands are all alike (blank scans), all pairs would say no more. */
const REACH = 200;
/** Files between two looks at the clock, in a band of many. */
const PAUSE_EVERY = 500;

/** Reports pairs of different files that look alike. Only reported: whether they are one image is for a person to say. */
export async function findNearDuplicates(scratch: Scratch, pause: Pause): Promise<void> {
  const { db } = scratch;
  const buckets = db.prepare('SELECT band, value FROM bands GROUP BY band, value HAVING count(*) > 1').all() as {
    band: number;
    value: string;
  }[];
  const members = db.prepare(
    'SELECT f.id, f.path, f.hash, f.sha256, f.split FROM bands b JOIN files f ON f.id = b.file WHERE b.band = ? AND b.value = ? ORDER BY f.hash, f.path',
  );
  const found = new Map<string, { others: Set<string>; across: boolean }>();
  for (const [at, { band, value }] of buckets.entries()) {
    await pause(at, buckets.length);
    const rows = members.all(band, value) as { id: number; path: string; hash: string; sha256: string; split: string }[];
    for (const [index, one] of rows.entries()) {
      if (index % PAUSE_EVERY === PAUSE_EVERY - 1) await pause(at, buckets.length);
      for (const other of rows.slice(index + 1, index + 1 + REACH)) {
        if (one.sha256 === other.sha256 || bitsApart(one.hash, other.hash) > NEAR) continue;
        const [a, b] = one.path < other.path ? [one, other] : [other, one];
        const known = found.get(b.path) ?? { others: new Set(), across: false };
        if (known.others.size < MOST_NAMED) known.others.add(a.path);
        known.across ||= a.split !== b.split;
        found.set(b.path, known);
      }
    }
  }
  db.transaction(() => {
    for (const [path, { others, across }] of found) {
      scratch.addProblem({
        kind: 'near_duplicate',
        path,
        reason: across ? 'It looks like an image of another split.' : 'It looks like another image.',
        others: [...others].sort(),
      });
    }
  })();
}
