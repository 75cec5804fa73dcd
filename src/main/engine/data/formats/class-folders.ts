import { sep } from 'node:path';
import type { Candidate, DatasetFormat } from '../scan/entries';
import { containerReason } from '../scan/container';
import { walkFolder } from '../scan/walk-folder';
import { layoutOf } from '../layout/layout';
import { IN_NO_CLASS, placeOf } from '../layout/place';
import { classFolders } from '../layout/class-folders';
import { noClassesDoubt } from '../layout/no-classes';
import { foldersDoubt } from '../layout/readings';

/**
 * Reads a folder of class folders, or of split folders of class folders. Images in a class's sub-folders belong to the
 * class.
 */
export const format: DatasetFormat = {
  id: 'class-folders',
  detect: ({ isFolder, unlabelled }) => isFolder && !unlabelled,
  root: (source) => source,
  doubt: (source, { layout }) => (layout ? null : (foldersDoubt(source) ?? noClassesDoubt(source))),
  layout: (source, options) => {
    const { base, splits, within } = layoutOf(source, options.layout).layout;
    return { base: base.join('/'), splits: [...splits].map(([folder, { split }]) => ({ folder, split })), within };
  },
  classFolders: (source, options) => classFolders(source, layoutOf(source, options.layout).layout),
  *walk(source, report, options): Generator<Candidate> {
    const { layout } = layoutOf(source, options.layout);
    for (const path of walkFolder(source, source, report)) {
      const place = placeOf(layout, path.split(sep));
      const reason = place === IN_NO_CLASS ? (containerReason(path) ?? place) : place;
      if (typeof reason === 'string') report({ kind: 'ignored', path, reason });
      else yield { path, className: reason.className, split: reason.split };
    }
  },
};
