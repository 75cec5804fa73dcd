/** Looks up names in folders by other spellings: Unicode form, case, and without the extension of an image. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const ENDING = /\.(jpe?g|jpe|jfif|png|webp|gif|tiff?|bmp|dib)$/i;

export const hasImageEnding = (name: string): boolean => ENDING.test(name);
export const composed = (name: string): string => name.normalize('NFC');
/** Returns one name for the extensions of one format. */
const formatOf = (name: string): string =>
  (ENDING.exec(name)?.[1] ?? '')
    .toLowerCase()
    .replace(/^j.*/, 'jpeg')
    .replace(/^tif.*/, 'tiff')
    .replace('dib', 'bmp');

/** Folds a name, so that names that differ in case or Unicode form only are equal. */
export const folded = (name: string): string => name.normalize('NFC').toLowerCase();

interface Names {
  exact: ReadonlySet<string>;
  folded: Map<string, string[]>;
  /** Names by their form without the extension of an image. */
  stems: Map<string, string[]>;
}

export function add(map: Map<string, string[]>, key: string, value: string): void {
  const known = map.get(key);
  if (known) known.push(value);
  else map.set(key, [value]);
}

export const stemOf = (name: string): string => name.replace(ENDING, '');

export class FolderNames {
  /** Whether a file of another format may be meant: `a.png` by `a.jpg`. */
  anyEnding = false;
  private readonly known = new Map<string, Names | null>();

  /** Returns null for a folder that can't be read. */
  private names(folder: string): Names | null {
    const known = this.known.get(folder);
    if (known !== undefined) return known;
    const names = read(folder);
    this.known.set(folder, names);
    return names;
  }

  /**
   * Returns the paths below `folder` that these parts may mean: the one that is spelled so, else all that differ in the
   * form, else in the case.
   */
  below(folder: string, parts: readonly string[]): string[] {
    const [part = '', ...rest] = parts;
    const names = this.names(folder);
    if (!names) return [];
    const fitting = this.fitting(names, part, rest.length === 0);
    if (!rest.length) return fitting;
    return fitting.flatMap((name) => this.below(join(folder, name), rest).map((below) => `${name}/${below}`));
  }

  private fitting(names: Names, part: string, isFile: boolean): string[] {
    if (names.exact.has(part)) return [part];
    const alike = names.folded.get(folded(part)) ?? [];
    const form = alike.filter((name) => composed(name) === composed(part));
    if (form.length) return form;
    if (alike.length || !isFile) return alike;
    if (!hasImageEnding(part)) return names.stems.get(folded(part)) ?? [];
    const others = names.stems.get(folded(stemOf(part))) ?? [];
    return this.anyEnding ? others : others.filter((name) => formatOf(name) === formatOf(part));
  }

  /** Returns the files of the folder with this name and another extension. */
  otherEndings(folder: string, name: string): string[] {
    return this.names(folder)?.stems.get(folded(stemOf(name))) ?? [];
  }
}

function read(folder: string): Names | null {
  let entries: string[];
  try {
    entries = readdirSync(folder);
  } catch {
    return null;
  }
  const names: Names = { exact: new Set(entries), folded: new Map(), stems: new Map() };
  for (const name of entries) {
    add(names.folded, folded(name), name);
    if (hasImageEnding(name)) add(names.stems, folded(stemOf(name)), name);
  }
  return names;
}
