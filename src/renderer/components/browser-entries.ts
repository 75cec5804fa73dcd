/** Lists the entries of the folder browser: folders first, then the files that fit, each by name in natural order. */
import type { Result } from '../../shared/contract';

export interface BrowserEntry {
  name: string;
  path: string;
  isFile: boolean;
  bytes: number;
}

export interface EntryOptions {
  /** Whether files are listed too. */
  files: boolean;
  /** Extensions without dot; empty: all files fit. */
  extensions: readonly string[];
  search: string;
}

const names = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

export function entriesOf(
  { folders, files }: Pick<Result<'files.browse'>, 'folders' | 'files'>,
  { files: withFiles, extensions, search }: EntryOptions,
): BrowserEntry[] {
  const wanted = search.trim().toLowerCase();
  const fits = ({ name }: { name: string }): boolean => name.toLowerCase().includes(wanted);
  const fitting = (name: string): boolean =>
    !extensions.length || extensions.some((extension) => name.toLowerCase().endsWith(`.${extension}`));
  const sorted = <T extends { name: string }>(list: readonly T[]): T[] =>
    list.filter(fits).toSorted((a, b) => names.compare(a.name, b.name));
  return [
    ...sorted(folders).map(({ name, path }) => ({ name, path, isFile: false, bytes: 0 })),
    ...(withFiles
      ? sorted(files)
          .filter(({ name }) => fitting(name))
          .map(({ name, path, bytes }) => ({ name, path, isFile: true, bytes }))
      : []),
  ];
}
