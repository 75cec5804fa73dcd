/**
 * Records what is left out of a scan. A file may be left out for several reasons at once; it comes back when the last
 * of them is removed. Each change is kept as the rows that it added and removed, so that it can be undone and redone.
 */
import { NOTE_KINDS } from '../../../../shared/contract/reviews';
import type { ProblemKind } from './entries';
import type { Scratch } from './scratch';

/**
 * Kinds of finding whose files can be trained on, in the order in which one is named as the reason. `chosen` is no
 * finding but a person's choice.
 */
const REASONS = ['label_conflict', 'leak', 'duplicate', 'near_duplicate', 'chosen'] as const;

const rank = (column: string): string =>
  `CASE ${column} ${REASONS.map((kind, index) => `WHEN '${kind}' THEN ${index}`).join(' ')} END`;

/** Says whether files with this finding can be trained on, and so be left out or taken back. */
export const isChoice = (kind: ProblemKind): boolean => (REASONS as readonly string[]).includes(kind);

/** Says whether its files are always left out because they can't be used. */
export const isAlwaysOut = (kind: ProblemKind): boolean => !isChoice(kind) && !NOTE_KINDS.includes(kind);

/** SQL condition on a row of `problems`: its kind is a choice. */
export const IS_CHOICE = `kind IN (${REASONS.map((kind) => `'${kind}'`).join(', ')})`;

/** SQL condition on a row of `problems`: its kind is a note. */
export const IS_NOTE = `kind IN (${NOTE_KINDS.map((kind) => `'${kind}'`).join(', ')})`;

/**
 * SQL condition on a finding `p` and a file `f` of its path: they belong together. A table may name one file in two
 * splits; its leak is the train row's.
 */
export const IS_OF = `f.path = p.path AND (p.kind <> 'leak' OR f.split = 'train')`;

/** SQL condition on a finding `p`: a file of it will be trained on. */
export const IS_KEPT = `EXISTS (SELECT 1 FROM files f WHERE ${IS_OF} AND f.usable = 1 AND f.excluded IS NULL)`;

/**
 * Applies the rows that `fill` adds to `changed` as one undoable change, and clears the redo history. @returns whether
 * anything changed
 */
function change(scratch: Scratch, fill: (change: number) => void): boolean {
  const { db } = scratch;
  return db.transaction(() => {
    const id = Number(db.prepare('INSERT INTO changes DEFAULT VALUES').run().lastInsertRowid);
    fill(id);
    const some = db.prepare('SELECT 1 FROM changed WHERE change = ? LIMIT 1').get(id) !== undefined;
    if (some) {
      db.exec('DELETE FROM changed WHERE change IN (SELECT id FROM changes WHERE undone = 1)');
      db.exec('DELETE FROM changes WHERE undone = 1');
      apply(scratch, id, 1);
    } else db.prepare('DELETE FROM changes WHERE id = ?').run(id);
    return some;
  })();
}

/** Applies a change. @param added 1 applies it, 0 reverts it */
function apply({ db }: Scratch, id: number, added: 0 | 1): void {
  db.prepare(
    'INSERT OR IGNORE INTO exclusions (file, kind) SELECT file, kind FROM changed WHERE change = ? AND added = ?',
  ).run(id, added);
  db.prepare(
    'DELETE FROM exclusions WHERE (file, kind) IN (SELECT file, kind FROM changed WHERE change = ? AND added <> ?)',
  ).run(id, added);
  db.prepare(
    `UPDATE files SET excluded = (SELECT kind FROM exclusions WHERE file = files.id ORDER BY ${rank('kind')} LIMIT 1)
      WHERE id IN (SELECT file FROM changed WHERE change = ?)`,
  ).run(id);
}

/** Leaves out all files that have these findings, as the kinds' rules say (docs/data.md), in one change. */
export function excludeKinds(scratch: Scratch, kinds: readonly ProblemKind[], excluded: boolean): boolean {
  const { db } = scratch;
  const add = db.prepare(
    `INSERT OR IGNORE INTO changed (change, file, kind, added) SELECT @id, f.id, @kind, 1 FROM problems p JOIN files f ON ${IS_OF}
      WHERE p.kind = @kind AND f.usable = 1 AND NOT EXISTS (SELECT 1 FROM exclusions e WHERE e.file = f.id AND e.kind = @kind)`,
  );
  const takeBack = db.prepare(
    'INSERT INTO changed (change, file, kind, added) SELECT @id, file, kind, 0 FROM exclusions WHERE kind = @kind',
  );
  return change(scratch, (id) => {
    for (const kind of kinds) (excluded ? add : takeBack).run({ id, kind });
  });
}

/** Counts the files that are included now and that the rules of these kinds would leave out. */
export const countToLeave = ({ db }: Scratch, kinds: readonly ProblemKind[]): number =>
  db
    .prepare(
      `SELECT count(DISTINCT f.id) FROM problems p JOIN files f ON ${IS_OF}
        WHERE p.kind IN (${kinds.map(() => '?').join(', ')}) AND f.usable = 1 AND f.excluded IS NULL`,
    )
    .pluck()
    .get(...kinds) as number;

/**
 * Leaves out or takes back single files. The reason is the worst finding that the file has. @throws RangeError for a
 * path that is no usable file's
 */
export function excludePaths(scratch: Scratch, paths: readonly string[], excluded: boolean): boolean {
  const { db } = scratch;
  const find = db.prepare('SELECT 1 FROM files WHERE path = ? AND usable = 1');
  const reason = db
    .prepare(`SELECT kind FROM problems WHERE path = ? AND ${IS_CHOICE} ORDER BY ${rank('kind')} LIMIT 1`)
    .pluck();
  // Where a table names a file in two splits, the train row is the leak.
  const add = db.prepare(
    `INSERT OR IGNORE INTO changed (change, file, kind, added) SELECT @id, id, @kind, 1 FROM files
      WHERE path = @path AND usable = 1 AND excluded IS NULL AND (@kind <> 'leak' OR split = 'train')`,
  );
  const takeBack = db.prepare(
    `INSERT OR IGNORE INTO changed (change, file, kind, added) SELECT @id, file, e.kind, 0
      FROM files f JOIN exclusions e ON e.file = f.id WHERE f.path = @path`,
  );
  return change(scratch, (id) => {
    for (const path of paths) {
      if (!find.get(path)) throw new RangeError(path);
      if (excluded) add.run({ id, path, kind: reason.get(path) ?? 'chosen' });
      else takeBack.run({ id, path });
    }
  });
}

const has = ({ db }: Scratch, undone: 0 | 1): boolean =>
  db.prepare('SELECT 1 FROM changes WHERE undone = ? LIMIT 1').get(undone) !== undefined;
export const canUndo = (scratch: Scratch): boolean => has(scratch, 0);
export const canRedo = (scratch: Scratch): boolean => has(scratch, 1);

/** Reverts or repeats a change. @param id of the change; null: there is none */
function turn(scratch: Scratch, id: number | null, undone: 0 | 1): boolean {
  if (id === null) return false;
  apply(scratch, id, undone ? 0 : 1);
  scratch.db.prepare('UPDATE changes SET undone = ? WHERE id = ?').run(undone, id);
  return true;
}

/** Takes back the last change. @returns whether there was one */
export function undoChange(scratch: Scratch): boolean {
  const last = scratch.db.prepare('SELECT max(id) FROM changes WHERE undone = 0').pluck();
  return scratch.db.transaction(() => turn(scratch, last.get() as number | null, 1))();
}

/** Repeats the change that was undone last. @returns whether there was one */
export function redoChange(scratch: Scratch): boolean {
  const next = scratch.db.prepare('SELECT min(id) FROM changes WHERE undone = 1').pluck();
  return scratch.db.transaction(() => turn(scratch, next.get() as number | null, 0))();
}
