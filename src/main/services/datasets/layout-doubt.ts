/** What a source's folders leave open, in words, and the refusal of a commit before it is answered. */
import type { LayoutDoubt, ReadingSummary } from '../../../shared/contract/layout';
import { AppError } from '../../../shared/errors';
import type { Scratch } from '../../engine/data/scan/scratch';

const some = (names: readonly string[], count = names.length): string => {
  const shown = names.slice(0, 4).join(', ');
  return count > 4 ? `${shown} and ${count - 4} more` : shown;
};

function whyOpen({ kind, folders, folder_count, shared }: LayoutDoubt): string {
  const named = some(folders, folder_count);
  if (kind === 'split_beside_classes')
    return `${folder_count === 1 ? `The folder ${named} is named like a split` : `The folders ${named} are named like splits`}, and the folders beside look like classes.`;
  return `The folders ${named} hold the same sub-folders${shared.length ? ` (${some(shared)})` : ''}: they may be classes, or parts of a data set whose classes are the sub-folders.`;
}

function whatComes(word: string, { classes, class_count, files, left_out }: ReadingSummary, complete: boolean): string {
  const splits = Object.entries(files)
    .filter(([, count]) => count > 0)
    .map(([split, count]) => `${split} ${count}`);
  const val = files.val ? '' : ', val drawn from train';
  const out = left_out ? `, ${left_out} files left out` : '';
  const counted = complete ? '' : ' of the files counted first';
  return `Read as ${word}: ${class_count} classes (${some(classes, class_count) || 'none'}), ${splits.join(', ') || 'no file'}${counted}${val}${out}.`;
}

/** In three sentences: what is open, and what each answer gives. */
export const doubtText = (doubt: LayoutDoubt): string =>
  [whyOpen(doubt), whatComes('classes', doubt.classes, doubt.complete), whatComes('splits', doubt.splits, doubt.complete)].join(
    ' ',
  );

/** @throws AppError bad_dataset where it is not clear how the source is to be read */
export function refuseDoubt(scratch: Scratch): void {
  const { source, doubt } = scratch.facts();
  if (!doubt) return;
  throw new AppError({
    code: 'bad_dataset',
    what: `It is not clear whether the folders in ${source} are classes or splits.`,
    why: doubtText(doubt),
    next: 'Nothing was imported. Say which: --layout classes or --layout splits.',
  });
}
