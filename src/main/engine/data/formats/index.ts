/** The registry of dataset formats: every file of this folder contributes one. */
import { accessSync, constants, realpathSync, statSync, type Stats } from 'node:fs';
import { AppError } from '../../../../shared/errors';
import { containerReason } from '../scan/container';
import { LinkRules } from '../scan/link-rules';
import { systemReason, type DatasetFormat, type ReadOptions } from '../scan/entries';

const files = import.meta.glob<{ format?: DatasetFormat }>('./*.ts', { eager: true });
const FORMATS = Object.values(files).flatMap(({ format }) => format ?? []);

/** Returns null where nothing is there. @throws AppError bad_dataset where it can't be read */
function readable(source: string): Stats | null {
  try {
    const stats = statSync(source, { throwIfNoEntry: false });
    if (stats) accessSync(source, stats.isDirectory() ? constants.R_OK | constants.X_OK : constants.R_OK);
    return stats ?? null;
  } catch (cause) {
    throw new AppError(
      {
        code: 'bad_dataset',
        what: `${source} can't be imported.`,
        why: `It can't be read: ${systemReason(cause)}.`,
        next: 'Give yourself the permission to read it, or give another source.',
      },
      { cause },
    );
  }
}

/** Returns the one format that fits the source. @throws AppError not_found, bad_dataset */
export function formatOf(source: string, { unlabelled = false }: ReadOptions = {}): DatasetFormat {
  const stats = readable(source);
  if (!stats)
    throw new AppError({
      code: 'not_found',
      what: `There is no ${source}.`,
      why: 'The path names neither a folder nor a file.',
      next: 'Give a folder of class folders, or a CSV or TSV of path,label[,split].',
    });
  if (LinkRules.isOfSystem(realpathSync(source)))
    throw new AppError({
      code: 'bad_dataset',
      what: `${source} can't be imported.`,
      why: 'Its files are made up by the system (/proc, /sys, /dev): they are no data, and some have no end.',
      next: 'Give a folder of class folders, or a CSV or TSV of path,label[,split].',
    });
  const [format, other] = FORMATS.filter(({ detect }) =>
    detect({ path: source, isFolder: stats.isDirectory(), unlabelled }),
  );
  if (format && other) throw new Error(`the formats ${format.id} and ${other.id} both take ${source}`);
  if (format) return format;
  throw new AppError({
    code: 'bad_dataset',
    what: `${source} can't be imported.`,
    why:
      containerReason(source) ??
      'It is neither a folder nor a table: its name doesn’t end in .csv, .tsv, .tab, .txt or .lst.',
    next: 'Give a folder of class folders, or a CSV or TSV of path,label[,split].',
  });
}
