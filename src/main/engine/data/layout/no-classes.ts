/** The question about a folder of images none of which is in a class folder. */
import { join, sep } from 'node:path';
import type { NoClassesDoubt } from '../../../../shared/contract/layout';
import { containerReason } from '../scan/container';
import { walkFolder } from '../scan/walk-folder';
import { classFolders } from './class-folders';
import { layoutOf } from './layout';
import { holdsImages, isImageName } from './look';
import { placeOf } from './place';
import { splitOfImage, unlabelledLayout } from './unlabelled';

/** Number of files whose names are read. */
const FILES = 200_000;

const isTableName = (path: string): boolean => !path.includes(sep) && /\.(csv|tsv|tab|lst)$/i.test(path);

/**
 * Returns what an import without labels would take, by the names of the files. Returns null where a class folder holds
 * an image, and where no file is named as an image: then the scan itself reports what is wrong.
 */
export function noClassesDoubt(source: string): NoClassesDoubt | null {
  const { layout } = layoutOf(source);
  if (classFolders(source, layout).some(({ path }) => holdsImages(join(source, path)))) return null;
  const unlabelled = unlabelledLayout(source);
  const images = { train: 0, val: 0, test: 0 };
  let [seen, table]: [number, string | null] = [0, null];
  for (const path of walkFolder(source, source, () => undefined)) {
    if (isTableName(path)) table ??= path;
    if (isImageName(path.slice(path.lastIndexOf(sep) + 1)) && containerReason(path) === null) {
      const parts = path.split(sep);
      if (typeof placeOf(layout, parts) !== 'string') return null;
      images[splitOfImage(unlabelled, parts) ?? 'train']++;
    }
    if (++seen >= FILES) break;
  }
  if (images.train + images.val + images.test === 0) return null;
  return { kind: 'no_classes', images, complete: seen < FILES, table };
}
