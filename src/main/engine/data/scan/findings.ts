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

/** Where there is no val split: a seeded draw, stratified by class, over distinct images, so that copies stay on one side. */
export function drawValidation({ db }: Scratch, share: number, seed: number): boolean {
  if (db.prepare("SELECT 1 FROM files WHERE usable = 1 AND split = 'val' LIMIT 1").get()) {
    db.exec("UPDATE files SET split = 'train' WHERE split IS NULL");
    return false;
  }
  const classes = db.prepare('SELECT DISTINCT class FROM files WHERE usable = 1 ORDER BY class').pluck().all() as string[];
  const setVal = db.prepare(
    "UPDATE files SET split = 'val' WHERE class = ? AND sha256 = ? AND (split IS NULL OR split = 'train')",
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

export interface Exclusions {
  problems: boolean;
  leaks: boolean;
}

/** Reports copies, label conflicts and leaks of identical files, and marks what the options leave out. */
export function findCopies(scratch: Scratch, { problems, leaks }: Exclusions): void {
  const { db } = scratch;
  db.exec('CREATE INDEX IF NOT EXISTS by_content ON files (sha256) WHERE usable = 1');
  const groups = db
    .prepare('SELECT sha256 FROM files WHERE usable = 1 GROUP BY sha256 HAVING count(*) > 1')
    .pluck()
    .all() as string[];
  const copiesOf = db.prepare('SELECT id, path, class, split FROM files WHERE usable = 1 AND sha256 = ? ORDER BY path');
  const exclude = db.prepare('UPDATE files SET excluded = coalesce(excluded, ?) WHERE id = ?');
  db.transaction(() => {
    for (const sha256 of groups) {
      const copies = copiesOf.all(sha256) as Copy[];
      const others = (own: Copy, list: Copy[]): string[] => list.filter(({ id }) => id !== own.id).map(({ path }) => path);
      const labels = [...new Set(copies.map((copy) => copy.class))];
      if (labels.length > 1) {
        for (const copy of copies) {
          scratch.addProblem({
            kind: 'label_conflict',
            path: copy.path,
            reason: `The same image is also labelled ${labels.filter((label) => label !== copy.class).join(', ')}.`,
            others: others(copy, copies),
          });
          if (problems) exclude.run('label_conflict', copy.id);
        }
      }
      const held = copies.filter(({ split }) => split !== 'train');
      for (const copy of held.length ? copies.filter(({ split }) => split === 'train') : []) {
        scratch.addProblem({
          kind: 'leak',
          path: copy.path,
          reason: `The same image is in the ${[...new Set(held.map(({ split }) => split))].join(' and ')} split.`,
          others: held.map(({ path }) => path),
        });
        if (leaks) exclude.run('leak', copy.id);
      }
      for (const split of new Set(copies.map((copy) => copy.split))) {
        for (const label of labels) {
          const [first, ...rest] = copies.filter((copy) => copy.split === split && copy.class === label);
          for (const copy of first ? rest : []) {
            scratch.addProblem({
              kind: 'duplicate',
              path: copy.path,
              reason: 'It is a copy, byte for byte.',
              others: [first?.path ?? ''],
            });
            if (problems) exclude.run('duplicate', copy.id);
          }
        }
      }
    }
  })();
}

/** Bands with more files than this hold images that are all alike (blank scans); pairing them all would say nothing. */
const LARGEST_BAND = 200;

/** Reports pairs of different files that look alike. Only reported: whether they are one image is for a person to say. */
export function findNearDuplicates(scratch: Scratch): void {
  const { db } = scratch;
  const buckets = db
    .prepare('SELECT band, value, count(*) AS size FROM bands GROUP BY band, value HAVING size BETWEEN 2 AND ?')
    .all(LARGEST_BAND) as { band: number; value: string }[];
  const members = db.prepare(
    'SELECT f.id, f.path, f.hash, f.sha256, f.split FROM bands b JOIN files f ON f.id = b.file WHERE b.band = ? AND b.value = ? ORDER BY f.path',
  );
  const found = new Map<string, Set<string>>();
  const splits = new Map<string, string>();
  for (const { band, value } of buckets) {
    const rows = members.all(band, value) as { id: number; path: string; hash: string; sha256: string; split: string }[];
    rows.forEach((a, index) => {
      for (const b of rows.slice(index + 1)) {
        if (a.sha256 === b.sha256 || bitsApart(a.hash, b.hash) > NEAR) continue;
        found.set(b.path, (found.get(b.path) ?? new Set()).add(a.path));
        splits.set(a.path, a.split).set(b.path, b.split);
      }
    });
  }
  db.transaction(() => {
    for (const [path, others] of found) {
      const across = [...others].some((other) => splits.get(other) !== splits.get(path));
      scratch.addProblem({
        kind: 'near_duplicate',
        path,
        reason: across ? 'It looks like an image of another split.' : 'It looks like another image.',
        others: [...others].sort(),
      });
    }
  })();
}
