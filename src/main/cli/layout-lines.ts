/** Says how a source was read: which folders are which split, and where the val split comes from. */
import { isUnlabelled } from '../../shared/labels';
import type { Dataset, DatasetRecord } from '../store/datasets';
import { SPLITS } from '../../shared/splits';

const list = (names: readonly string[]): string => names.join(', ');

function folderLines({ layout }: DatasetRecord['options'], unlabelled: boolean): string[] {
  if (!layout) return [];
  const of = (wanted: string | null): string[] =>
    layout.splits.filter(({ split }) => split === wanted).map(({ folder }) => folder);
  const parts = SPLITS.flatMap((split) => (of(split).length ? [`${split} = ${list(of(split))}`] : []));
  return [
    ...(layout.base ? [`The images are below ${layout.base}.`] : []),
    ...(parts.length ? [`The folders give the splits: ${parts.join('; ')}.`] : []),
    ...(of(null).length
      ? [`The folders ${list(of(null))} are parts of one data set; their sub-folders are its classes.`]
      : []),
    ...(layout.within ? [`Each ${unlabelled ? '' : 'class '}folder gives its own splits.`] : []),
  ];
}

export function layoutLines({ record, classes }: Pick<Dataset, 'record' | 'classes'>): string[] {
  const { options, counts } = record;
  const unlabelled = isUnlabelled({ classes });
  const { val_drawn, val_split, seed } = options;
  const drawn = `The val split was drawn: ${Math.round(val_split * 100)} % of ${unlabelled ? 'the images' : 'each class'}, seed ${seed}.`;
  const kept = ' The source gives no val split; its test split stays as it is.';
  return [...folderLines(options, unlabelled), ...(val_drawn ? [drawn + (counts['test'] ? kept : '')] : [])];
}
