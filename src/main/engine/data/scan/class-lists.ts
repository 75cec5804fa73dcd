/**
 * Reports on the lists of classes once all files are known: classes that a split lacks, that look like each other, or
 * that are empty.
 */
import { byCodePoint } from '../../../../shared/code-points';
import type { ClassFolder, Problem, ProblemKind } from './entries';
import type { Scratch } from './scratch';

interface ClassCounts {
  name: string;
  train: number;
  val: number;
  test: number;
}

/** Kinds that depend on what is left out: they are recomputed with each change of a review. */
const LIVE = [
  ...(['only_class', 'untrained_class', 'unmeasured_class', 'single_image_class', 'similar_classes'] as const),
] satisfies ProblemKind[];
const IS_LIVE = `kind IN (${LIVE.map((kind) => `'${kind}'`).join(', ')})`;

const many = (count: number): string => `${count} ${count === 1 ? 'image' : 'images'}`;

/** Returns what one class alone lacks; null where its images are where they are needed. */
function lackOf({ name, train, val, test }: ClassCounts, hasVal: boolean): Problem | null {
  const held = [...(val ? [`${many(val)} in val`] : []), ...(test ? [`${many(test)} in test`] : [])].join(' and ');
  if (!train && held)
    return {
      kind: 'untrained_class',
      path: name,
      reason: `The class has ${held} and no training image: it can't be learnt, and accuracy on it can only be 0.`,
    };
  if (train + val + test === 1)
    return {
      kind: 'single_image_class',
      path: name,
      reason: 'The class has one image: it can be learnt or measured, not both.',
    };
  if (train && !val && hasVal)
    return {
      kind: 'unmeasured_class',
      path: name,
      reason: `The class has ${many(train)} in train and none in val: it is learnt, but not measured.`,
    };
  return null;
}

/** Reports that there is only one class: a folder of images that is no class, or labels that were read wrongly. */
const onlyClass = ([first, ...others]: readonly ClassCounts[]): Problem[] =>
  first === undefined || others.length
    ? []
    : [
        {
          kind: 'only_class',
          path: first.name,
          reason:
            'It is the only class: every answer is right, so nothing is learnt. Each class needs a folder, or a label, of its own.',
        },
      ];

/** Returns `1` for `01`, `1.0` and `+1`: as programs write one number that a table held as text, or beside gaps. */
function plainNumber(name: string): string {
  const [, sign = '', digits] = /^([+-]?)0*(\d+)(?:\.0*|,0{1,2})?$/.exec(name) ?? [];
  return digits === undefined ? name : `${sign === '-' && digits !== '0' ? '-' : ''}${digits}`;
}

/** Forms in which names that look alike may differ. They are removed from the last to the first. */
const FORMS = new Map<string, (name: string) => string>([
  ['how a number is written', plainNumber],
  ['case', (name) => name.toLowerCase()],
  // Blanks are left out, because a no-break space belongs to `spaces`.
  ['Unicode form', (name) => name.replace(/\S+/gu, (word) => word.normalize('NFKC'))],
  ['spaces', (name) => name.trim().replace(/\s+/gu, ' ')],
  // These are zero-width spaces and joiners, direction marks, soft hyphens.
  ['invisible characters', (name) => name.replace(/\p{Cf}/gu, '')],
]);

const inForms = (name: string, but?: string): string =>
  [...FORMS].reduceRight((text, [difference, form]) => (difference === but ? text : form(text)), name);

/** Names the form in which two names that look alike differ: the one whose removal makes them equal. */
const differenceOf = (a: string, b: string): string =>
  [...FORMS.keys()].filter((difference) => inForms(a, difference) !== inForms(b, difference)).join(' and ') ||
  'Unicode form';

/**
 * Finds classes whose names are equal but for case, Unicode form, spaces, invisible characters or the way a number is
 * written: each after the first of its group.
 */
function similarClasses(names: readonly string[]): Problem[] {
  const groups = new Map<string, string[]>();
  for (const name of names) {
    const key = inForms(name);
    groups.set(key, [...(groups.get(key) ?? []), name]);
  }
  return [...groups.values()].flatMap(([first = '', ...others]) =>
    others.map((path): Problem => {
      const reason = `Its name differs from another class's only in ${differenceOf(first, path)}.`;
      return { kind: 'similar_classes', path, reason, others: [first] };
    }),
  );
}

/** Recomputes the findings about the classes of a finished scan; where images have no labels there are none. */
export function compareClasses(scratch: Scratch): void {
  if (scratch.facts().read?.unlabelled) return;
  const { db } = scratch;
  const classes = db
    .prepare(
      `SELECT class AS name, sum(iif(split = 'train', count, 0)) AS train, sum(iif(split = 'val', count, 0)) AS val,
        sum(iif(split = 'test', count, 0)) AS test FROM tallies GROUP BY class HAVING sum(count) > 0`,
    )
    .all() as ClassCounts[];
  classes.sort((a, b) => byCodePoint(a.name, b.name));
  const hasVal = classes.some(({ val }) => val > 0);
  const lacks = classes.some(({ train }) => train > 0) ? classes.flatMap((each) => lackOf(each, hasVal) ?? []) : [];
  db.transaction(() => {
    db.exec(`DELETE FROM problems WHERE ${IS_LIVE}; DELETE FROM found WHERE ${IS_LIVE}`);
    for (const problem of [...onlyClass(classes), ...lacks, ...similarClasses(classes.map(({ name }) => name))])
      scratch.addProblem(problem);
    db.exec(`INSERT INTO found SELECT kind, count(*) FROM problems WHERE ${IS_LIVE} GROUP BY kind`);
  })();
}

interface Held {
  class: string;
  split: string | null;
  files: number;
  usable: number;
}

/**
 * Reports classes that are named but have no image: a class's folder without any, or rows of a table whose files can't
 * be used. Call it before the val split is drawn. @param folders of the classes, where the source is a folder
 */
export function findEmptyClasses(scratch: Scratch, folders: readonly ClassFolder[] | null): void {
  const rows = scratch.db
    .prepare('SELECT class, split, count(*) AS files, sum(usable) AS usable FROM files GROUP BY class, split')
    .all() as Held[];
  // Where nothing can be used, the files' own reasons are enough.
  if (!rows.some(({ usable }) => usable > 0)) return;
  const empty = (path: string, files: number): void => {
    const reason = files
      ? `The class has ${files === 1 ? 'one file' : `${files} files`} here, and none can be used.`
      : "The class's folder holds no image, so it is no class here. PyTorch's ImageFolder refuses it, or counts it where told to.";
    scratch.addProblem({ kind: 'empty_class', path, reason });
  };
  if (folders) {
    const isClosed = scratch.db.prepare(
      "SELECT 1 FROM problems WHERE path = ? AND kind IN ('unreadable', 'link_loop')",
    );
    const held = new Map(rows.map((row) => [JSON.stringify([row.split, row.class]), row]));
    for (const { path, className, split } of folders) {
      const row = held.get(JSON.stringify([split, className]));
      // A folder that could not be read or followed has a finding of its own, and its content is not known.
      if (!row && isClosed.get(path)) continue;
      if (!row?.usable) empty(path, row?.files ?? 0);
    }
    return;
  }
  const byClass = new Map<string, { files: number; usable: number }>();
  for (const row of rows) {
    const own = byClass.get(row.class) ?? { files: 0, usable: 0 };
    byClass.set(row.class, { files: own.files + row.files, usable: own.usable + row.usable });
  }
  for (const [name, { files, usable }] of byClass) if (!usable) empty(name, files);
}

/**
 * Reports folders that are read as a split and give it no image. Call it before the val split is drawn.
 * @param draws whether a val split is drawn where the source gives none
 */
export function findEmptySplits(
  scratch: Scratch,
  splits: readonly { folder: string; split: string | null }[],
  { unlabelled, draws }: { unlabelled: boolean; draws: boolean },
): void {
  const has = scratch.db.prepare('SELECT 1 FROM files WHERE usable = 1 AND split IS ? LIMIT 1');
  if (!splits.some(({ split }) => has.get(split))) return;
  for (const { folder, split } of splits) {
    if (split === null || has.get(split)) continue;
    const drawn = draws && split === 'val' ? ' A val split is drawn from train instead.' : '';
    const lack = unlabelled ? 'no image in it can be used' : 'no class folder in it holds an image that can be used';
    const reason = `The folder is read as the ${split} split, but ${lack}.${drawn}`;
    scratch.addProblem({ kind: 'empty_split', path: folder, reason });
  }
}
