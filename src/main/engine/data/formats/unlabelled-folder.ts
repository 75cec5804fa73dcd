import { sep } from 'node:path';
import { containerReason } from '../scan/container';
import type { Candidate, DatasetFormat } from '../scan/entries';
import { walkFolder } from '../scan/walk-folder';
import { splitOfImage, unlabelledFacts, unlabelledLayout } from '../layout/unlabelled';

/**
 * Reads a folder of images without labels: every image below it, whatever the folders between are called. Folders of
 * splits give the splits.
 */
export const format: DatasetFormat = {
  id: 'unlabelled-folder',
  detect: ({ isFolder, unlabelled }) => isFolder && unlabelled,
  root: (source) => source,
  layout: (source) => unlabelledFacts(unlabelledLayout(source)),
  *walk(source, report): Generator<Candidate> {
    const layout = unlabelledLayout(source);
    for (const path of walkFolder(source, source, report)) {
      const reason = containerReason(path);
      if (reason !== null) report({ kind: 'ignored', path, reason });
      else yield { path, className: null, split: splitOfImage(layout, path.split(sep)) };
    }
  },
};
