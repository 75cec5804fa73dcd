import type { Split } from '../../../../shared/splits';
import type { Layout } from './layout';
import { splitOfFolder } from './split-folders';

export interface Place {
  className: string;
  /** Split of the file; null: it will be drawn. */
  split: Split | null;
  /** The folder of the class in this split, as parts of a path. */
  folder: string[];
}

export const IN_NO_CLASS = 'It is in no class folder.';

const startsWith = (parts: readonly string[], start: readonly string[]): boolean =>
  start.every((part, index) => parts[index] === part);

/** Returns the place of a file whose class is `parts[depth]`. */
function inClass(parts: readonly string[], depth: number, split: Split | null): Place | string {
  const className = parts[depth];
  return className === undefined || parts.length <= depth + 1
    ? IN_NO_CLASS
    : { className, split, folder: parts.slice(0, depth + 1) };
}

/** Returns where a file belongs, by the parts of its path below the source, or why it belongs nowhere. */
export function placeOf({ reading, base, splits, besides, within }: Layout, parts: readonly string[]): Place | string {
  const depth = base.length;
  if (!startsWith(parts, base)) return `It is outside ${base.join('/')}, which holds the classes.`;
  if (reading === 'classes') return inClass(parts, depth, null);
  const first = parts[depth] ?? '';
  if (parts.length <= depth + 1) return IN_NO_CLASS;
  if (within) {
    const split = splitOfFolder(parts[depth + 1] ?? '');
    if (!split || parts.length <= depth + 2) return `It is in none of the split folders of ${first}.`;
    return { className: first, split, folder: parts.slice(0, depth + 2) };
  }
  const own = splits.get(first);
  if (own?.className !== undefined)
    return { className: own.className, split: own.split, folder: parts.slice(0, depth + 1) };
  if (own)
    return startsWith(parts.slice(depth + 1), own.inner)
      ? inClass(parts, depth + 1 + own.inner.length, own.split)
      : IN_NO_CLASS;
  if (besides.has(first)) return inClass(parts, depth, null);
  return 'It is in none of the folders train, val and test.';
}
