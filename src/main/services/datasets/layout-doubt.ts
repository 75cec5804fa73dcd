/** Words the question that a source's folders leave open, and refuses a commit before it is answered. */
import { join } from 'node:path';
import type { FoldersDoubt, LayoutDoubt, NoClassesDoubt, ReadingSummary } from '../../../shared/contract/layout';
import { AppError } from '../../../shared/errors';
import type { Scratch } from '../../engine/data/scan/scratch';

const some = (names: readonly string[], count = names.length): string => {
  const shown = names.slice(0, 4).join(', ');
  return count > 4 ? `${shown} and ${count - 4} more` : shown;
};

const bySplit = (files: ReadingSummary['files']): string =>
  Object.entries(files)
    .filter(([, count]) => count > 0)
    .map(([split, count]) => `${split} ${count}`)
    .join(', ');

const ofFirst = (complete: boolean): string => (complete ? '' : ' of the files counted first');

function whyOpen({ kind, folders, folder_count, shared }: FoldersDoubt): string {
  const named = some(folders, folder_count);
  if (kind === 'split_beside_classes')
    return `${folder_count === 1 ? `The folder ${named} is named like a split` : `The folders ${named} are named like splits`}, and the folders beside look like classes.`;
  if (kind === 'split_and_class')
    return `The names of the folders ${named} hold a word for a split and a class each: they may be classes, or the splits of classes.`;
  return `The folders ${named} hold the same sub-folders${shared.length ? ` (${some(shared)})` : ''}: they may be classes, or parts of a data set whose classes are the sub-folders.`;
}

function whatComes(word: string, { classes, class_count, files, left_out }: ReadingSummary, complete: boolean): string {
  const val = files.val ? '' : ', val drawn from train';
  const out = left_out ? `, ${left_out} files left out` : '';
  return `Read as ${word}: ${class_count} classes (${some(classes, class_count) || 'none'}), ${bySplit(files) || 'no file'}${ofFirst(complete)}${val}${out}.`;
}

const noClassesText = ({ images, complete }: NoClassesDoubt): string =>
  `None of its images is in a class folder, so none has a label. Read without labels: ${bySplit(images)}${ofFirst(complete)}.`;

/** Describes the question and the result of each answer. */
export function doubtText(doubt: LayoutDoubt): string {
  if (doubt.kind === 'no_classes') return noClassesText(doubt);
  const { classes, splits, complete } = doubt;
  return [whyOpen(doubt), whatComes('classes', classes, complete), whatComes('splits', splits, complete)].join(' ');
}

function noClasses(source: string, doubt: NoClassesDoubt): AppError {
  const labelled =
    doubt.table === null
      ? 'To train a classifier, put the images of each class into a folder of its own.'
      : `If ${doubt.table} holds the labels, import it instead: efficienttrain import ${join(source, doubt.table)}`;
  return new AppError({
    code: 'bad_dataset',
    what: `No class folders were found in ${source}.`,
    why: doubtText(doubt),
    next: `Nothing was imported. To import the images without labels: efficienttrain import ${source} --unlabelled. ${labelled}`,
    action: doubt.table === null ? { id: 'import_unlabelled' } : { id: 'import_table', values: { table: doubt.table } },
  });
}

/** Refuses the commit. @throws AppError bad_dataset where it is not clear how the source is to be read */
export function refuseDoubt(scratch: Scratch): void {
  const { source, doubt } = scratch.facts();
  if (!doubt) return;
  if (doubt.kind === 'no_classes') throw noClasses(source, doubt);
  throw new AppError({
    code: 'bad_dataset',
    what: `It is not clear whether the folders in ${source} are classes or splits.`,
    why: doubtText(doubt),
    next: 'Nothing was imported. Say which: --layout classes or --layout splits.',
    action: { id: 'say_layout' },
  });
}
