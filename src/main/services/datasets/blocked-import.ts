/** Says why nothing of a scan can be trained on: the reasons themselves, not only how many there are. */
import { join } from 'node:path';
import { NOTE_KINDS } from '../../../shared/contract/reviews';
import { AppError, type ErrorData } from '../../../shared/errors';
import { sumOf } from '../../../shared/tally';
import type { Problem } from '../../engine/data/scan/entries';
import { IS_NOTE } from '../../engine/data/scan/exclusions';
import type { Scratch } from '../../engine/data/scan/scratch';
import type { Dataset } from '../../store/datasets';

/** Number of reasons that are shown. */
const SHOWN = 3;
/** Number of findings among which the first lines of a table are searched for. */
const LOOKED_AT = 2000;

const lineOf = (reason: string): number => Number(/^Lines? (\d+)/.exec(reason)?.[1] ?? Infinity);

/** Returns the first reasons: a table's in order of line, a folder's in order of path. */
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

const TOO_FEW = 'too few of each class';

/** Describes the images of the splits beside train, where train has none. */
const heldOut = (counts: Dataset['record']['counts']): string[] =>
  counts['train'] ? [] : Object.entries(counts).map(([split, own]) => `all ${sumOf(own)} images are in ${split}`);

/**
 * Says why no val split could be drawn. Where nearly every image has a label of its own, another column or folder may
 * be meant.
 */
function tooFew({ counts }: Dataset['record'], classes: readonly string[]): string {
  const images = sumOf(counts['train']);
  return images > 2 && classes.length > images / 2
    ? `the ${images} images have ${classes.length} different labels, too few of each to draw from`
    : TOO_FEW;
}

const isWithoutLabels = (scratch: Scratch): boolean => scratch.facts().read?.unlabelled === true;

/** Says why nothing was found at all. */
function nothingFound({ record, format, classes }: Dataset, scratch: Scratch): string {
  if (record.counts['train']) return tooFew(record, classes);
  if (format === 'csv') return 'no rows';
  return isWithoutLabels(scratch) ? 'no files' : 'no files in class folders';
}

/** Returns null where it can be trained on. Images without labels need no val split. */
export function whyBlocked(dataset: Dataset, scratch: Scratch): string | null {
  const { counts, problems } = dataset.record;
  if (counts['train'] && (counts['val'] || isWithoutLabels(scratch))) return null;
  const found = [
    ...heldOut(counts),
    ...Object.entries(problems)
      .filter(([kind]) => !NOTE_KINDS.some((note) => note === kind))
      .map(([kind, count]) => `${count} ${kind}`),
  ];
  if (!found.length) found.push(nothingFound(dataset, scratch));
  const reasons = firstReasons(scratch);
  const what = `There is no usable ${counts['train'] ? 'validation' : 'training'} image: ${found.join(', ')}.`;
  return reasons ? `${what} The first reasons: ${reasons}` : what;
}

/** Finds a table in a folder that holds no classes, because the labels may be in it. */
function tableBeside({ db }: Scratch): string | null {
  const found = db
    .prepare("SELECT path FROM problems WHERE kind = 'ignored' AND path NOT LIKE '%/%'")
    .pluck()
    .all() as string[];
  return found.find((path) => /\.(csv|tsv|tab|lst)$/i.test(path)) ?? null;
}

type Next = Pick<ErrorData, 'next' | 'action'>;

/** Says what to do; where that names flags, in the window's words too. */
function whatNext({ record, format, classes }: Dataset, scratch: Scratch): Next {
  const { counts } = record;
  const beside = format === 'csv' || counts['train'] ? null : tableBeside(scratch);
  if (beside !== null)
    return {
      next: `If ${beside} holds the labels, import it instead: efficienttrain import ${join(scratch.facts().source, beside)}`,
      action: { id: 'import_table', values: { table: beside } },
    };
  if (!counts['train'] && Object.keys(counts).length) return withoutTraining(format, isWithoutLabels(scratch));
  if (counts['train'] && record.options.val_drawn && format === 'csv' && tooFew(record, classes) !== TOO_FEW)
    return {
      next: 'Say which column is the label with --label-column NAME, or by its number, counted from 1.',
      action: { id: 'name_label_column' },
    };
  if (counts['train'] && record.options.val_drawn)
    return {
      next: 'Raise --val-split: no class has enough images for one to be drawn. Or add a folder val.',
      action: { id: 'larger_val_share' },
    };
  if (isWithoutLabels(scratch) && format !== 'csv')
    return { next: 'Correct what the reasons name. Images are searched for in all folders below it.' };
  if (format === 'csv')
    return {
      next: 'Correct the table, or say how it is to be read with --path-column, --label-column, --split-column or --encoding.',
      action: { id: 'correct_table' },
    };
  return {
    next: 'Correct what the reasons name. Images are searched for in one folder per class, or in a CSV of path,label.',
  };
}

function withoutTraining(format: Dataset['format'], unlabelled: boolean): Next {
  if (format === 'csv')
    return {
      next: 'Give the table rows of train too, or draw the splits with --split-column none.',
      action: { id: 'draw_splits' },
    };
  return {
    next: unlabelled
      ? 'Add a folder train, or import the folder of that split by itself: then its images are for training.'
      : 'Add a folder train, or import the folder that holds the classes: then a val split is drawn from it.',
  };
}

/** Refuses a scan that can't be trained on. @throws AppError bad_dataset */
export function refuseBlocked(dataset: Dataset, scratch: Scratch): void {
  const why = whyBlocked(dataset, scratch);
  if (why === null) return;
  const what = `Nothing in ${scratch.facts().source} can be trained on.`;
  throw new AppError({ code: 'bad_dataset', what, why, ...whatNext(dataset, scratch) });
}
