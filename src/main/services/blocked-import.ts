/** Why nothing of a scan can be trained on: the reasons themselves, not only how many there are. */
import { AppError } from '../../shared/errors';
import { NOTES, type Problem } from '../engine/data/scan/entries';
import { IS_NOTE } from '../engine/data/scan/exclusions';
import type { Scratch } from '../engine/data/scan/scratch';
import type { Dataset } from '../store/datasets';

/** So many reasons are shown. */
const SHOWN = 3;
/** The first lines of a table are looked for among so many findings. */
const LOOKED_AT = 2000;

const lineOf = (reason: string): number => Number(/^Lines? (\d+)/.exec(reason)?.[1] ?? Infinity);

/** The first reasons: a table's in order of line, a folder's in order of path. */
function firstReasons({ db }: Scratch): string {
  const found = db
    .prepare(`SELECT path, reason FROM problems WHERE NOT (${IS_NOTE}) ORDER BY kind = 'ignored', path LIMIT ?`)
    .all(LOOKED_AT) as Pick<Problem, 'path' | 'reason'>[];
  const sorted = found.toSorted((a, b) => {
    const [first, second] = [lineOf(a.reason), lineOf(b.reason)];
    return first === second ? 0 : first - second;
  });
  return sorted
    .slice(0, SHOWN)
    .map(({ path, reason }) => (/^line \d+$/.test(path) ? reason : `${path}: ${reason}`))
    .join(' ');
}

/** Null where it can be trained on. */
export function whyBlocked({ record, format }: Dataset, scratch: Scratch): string | null {
  const { counts, problems } = record;
  if (counts['train'] && counts['val']) return null;
  const found =
    Object.entries(problems)
      .filter(([kind]) => !NOTES.some((note) => note === kind))
      .map(([kind, count]) => `${count} ${kind}`)
      .join(', ') || (counts['train'] ? 'too few of each class' : format === 'csv' ? 'no rows' : 'no files in class folders');
  const reasons = firstReasons(scratch);
  const what = `There is no usable ${counts['train'] ? 'validation' : 'training'} image: ${found}.`;
  return reasons ? `${what} The first reasons: ${reasons}` : what;
}

function whatNext({ record, format }: Dataset): string {
  if (record.counts['train'] && record.options.val_drawn)
    return 'Raise --val-split: no class has enough images for one to be drawn. Or add a folder val.';
  if (format === 'csv')
    return 'Correct the table, or say how it is to be read with --path-column, --label-column, --split-column or --encoding.';
  return 'Mend what the reasons name. Images are looked for in one folder per class, or in a CSV of path,label.';
}

/** @throws AppError bad_dataset */
export function refuseBlocked(dataset: Dataset, scratch: Scratch): void {
  const why = whyBlocked(dataset, scratch);
  if (why === null) return;
  const what = `Nothing in ${scratch.facts().source} can be trained on.`;
  throw new AppError({ code: 'bad_dataset', what, why, next: whatNext(dataset) });
}
