/** Dataset formats: every file of this folder brings one. */
import { statSync } from 'node:fs';
import { AppError } from '../../../../shared/errors';
import type { DatasetFormat } from '../scan/entries';

const files = import.meta.glob<{ format?: DatasetFormat }>('./*.ts', { eager: true });
const FORMATS = Object.values(files).flatMap(({ format }) => format ?? []);

/** @throws AppError not_found, bad_dataset */
export function formatOf(source: string): DatasetFormat {
  const stats = statSync(source, { throwIfNoEntry: false });
  if (!stats)
    throw new AppError({
      code: 'not_found',
      what: `There is no ${source}.`,
      why: 'The path names neither a folder nor a file.',
      next: 'Give a folder of class folders, or a CSV or TSV of path,label[,split].',
    });
  const format = FORMATS.find(({ matches }) => matches(source, stats.isDirectory()));
  if (format) return format;
  throw new AppError({
    code: 'bad_dataset',
    what: `${source} can't be imported.`,
    why: 'It is neither a folder nor a CSV or TSV file.',
    next: 'Give a folder of class folders, or a CSV or TSV of path,label[,split].',
  });
}
