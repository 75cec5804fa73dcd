/**
 * Finds the file that a table's path means. A path that exists is taken as it is. Otherwise other spellings are tried,
 * and one is taken where exactly one file fits: backslashes, `file://`, Unicode form, case, a missing ending; and, for
 * paths of another machine or of a folder above or below the table's, their tail. Which part of such paths is foreign
 * is learnt once, from many of them: a single missing file must not be replaced by one of the same name elsewhere.
 */
import { lstatSync, statSync } from 'node:fs';
import { isAbsolute, join, normalize, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemReason, type Problem } from '../scan/entries';
import { composed, FolderNames, folded, hasImageEnding, stemOf } from './folder-names';
import { quoted } from './refuse';
import { TreeIndex } from './tree-index';

/** How a path differs from the spelling of the file found. */
export type Spelling = 'file_url' | 'backslash' | 'unicode_form' | 'case' | 'no_ending' | 'other_ending' | 'tail';

export type Found = { path: string; spellings: Spelling[] } | { problem: Pick<Problem, 'kind' | 'reason'> };

const MOST_FOREIGN = 8;

/** Checks a path on the disk: returns 'file', why it can't be one, or null where nothing is there. */
function look(root: string, path: string): 'file' | Pick<Problem, 'kind' | 'reason'> | null {
  const full = resolve(root, path);
  try {
    const stats = statSync(full);
    if (stats.isFile()) return 'file';
    return { kind: 'unreadable', reason: stats.isDirectory() ? 'it is a folder, not an image.' : 'it is not a file.' };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ELOOP') return { kind: 'link_loop', reason: 'it links to itself.' };
    if (lstatSync(full, { throwIfNoEntry: false })?.isSymbolicLink())
      return { kind: 'broken_link', reason: 'what it links to is not there.' };
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    return { kind: 'unreadable', reason: `it can't be read: ${systemReason(error)}.` };
  }
}

const partsOf = (path: string): string[] =>
  normalize(path)
    .split(sep)
    .filter((part) => part && part !== '.');

/** A path as this system writes it. */
interface Written {
  path: string;
  spellings: Spelling[];
  /** Whether it begins at the top of a disk, of this machine or another. */
  absolute: boolean;
}

function written(given: string): Written | { problem: Pick<Problem, 'kind' | 'reason'> } {
  const wrong = (reason: string): { problem: Pick<Problem, 'kind' | 'reason'> } => ({
    problem: { kind: 'bad_row', reason },
  });
  if (given.includes('\0')) return wrong('its path has a zero character (NUL).');
  if (/[\r\n]/.test(given)) return wrong('its path has a line break.');
  const spellings: Spelling[] = [];
  let path = given;
  if (/^file:/i.test(given)) {
    try {
      path = pathOfAddress(given);
    } catch {
      return wrong(`${quoted(given)} is no address of a file.`);
    }
    spellings.push('file_url');
  } else {
    const scheme = /^([a-z][a-z0-9+.-]+):\/\//i.exec(given)?.[1] ?? /^(data):/i.exec(given)?.[1];
    if (scheme !== undefined)
      return wrong(`its path is a URL (${scheme.toLowerCase()}). Images are read from disk only; download them first.`);
  }
  return { path, spellings, absolute: isAbsolute(path) };
}

/** Returns the path of `file:` addresses; where they name a machine, `//machine/path`. @throws Error where it is none */
function pathOfAddress(given: string): string {
  const address = new URL(given);
  const { hostname } = address;
  if (!hostname || sep === '\\') return fileURLToPath(address);
  address.hostname = '';
  return `//${hostname}${fileURLToPath(address)}`;
}

/** A beginning of paths that this machine does not have, and the folders where the rest was found. */
interface Foreign {
  absolute: boolean;
  parts: string[];
  below: Set<string>;
}

const beginsWith = (parts: readonly string[], start: readonly string[]): boolean =>
  start.every((part, index) => parts[index] === part);

export class FileFinder {
  private readonly names = new FolderNames();
  private tree: TreeIndex | null = null;
  private readonly foreign: Foreign[] = [];

  constructor(private readonly root: string) {}

  find(given: string): Found {
    const own = written(given);
    if ('problem' in own) return own;
    const near = this.near(own);
    if (near) return near;
    const { path, spellings, absolute } = slashed(own);
    const parts = partsOf(path);
    const foreign = this.foreign.find((each) => each.absolute === absolute && beginsWith(parts, each.parts));
    const fits = foreign ? this.byTail(foreign, parts.slice(foreign.parts.length)) : [];
    if (fits.length === 1)
      return spelled(fits[0] as string, parts.slice(foreign?.parts.length), [...spellings, 'tail']);
    if (fits.length > 1) return { problem: { kind: 'unreadable', reason: severalFit(fits) } };
    return { problem: { kind: 'unreadable', reason: `the file is not there${this.hint(parts)}.` } };
  }

  /** Finds a file by the path itself, without dropping a part of it. Null: nothing fits. */
  private near(own: Written): Found | null {
    const exact = this.exact(own.path, own.spellings);
    if (exact) return exact;
    const { path, spellings, absolute } = slashed(own);
    const other = path === own.path ? null : this.exact(path, spellings);
    if (other) return other;
    // The path names a Windows drive, which this machine does not have.
    if (absolute && !isAbsolute(path)) return null;
    const from = absolute ? '/' : this.root;
    const up = absolute ? 0 : partsOf(path).filter((part) => part === '..').length;
    const folder = resolve(from, '../'.repeat(up));
    const parts = partsOf(path).slice(up);
    const fits = parts.length ? this.names.below(folder, parts) : [];
    if (fits.length > 1) return { problem: { kind: 'unreadable', reason: severalFit(fits) } };
    const [fit] = fits;
    if (fit === undefined) return null;
    const shown = relative(this.root, join(folder, fit));
    const state = look(this.root, shown);
    return state === 'file' ? spelled(shown, partsOf(path), spellings) : state ? { problem: state } : null;
  }

  private exact(path: string, spellings: Spelling[]): Found | null {
    const shown = isAbsolute(path) ? relative(this.root, path) : normalize(path);
    const state = look(this.root, shown);
    if (state === 'file') return { path: shown, spellings };
    return state ? { problem: state } : null;
  }

  private byTail({ below }: Foreign, parts: readonly string[]): string[] {
    if (!parts.length) return [];
    const fits = [...below].flatMap((folder) =>
      this.names.below(join(this.root, folder), parts).map((path) => (folder ? `${folder}/${path}` : path)),
    );
    return fits.length ? fits : this.index().endingWith(parts);
  }

  private index(): TreeIndex {
    return (this.tree ??= new TreeIndex(this.root));
  }

  /** Names another file that may be meant, for the message. */
  private hint(parts: readonly string[]): string {
    const name = parts.at(-1) ?? '';
    const folder = parts.slice(0, -1).join('/');
    const [other] = nearNames(name).flatMap((near) => this.names.otherEndings(resolve(this.root, folder), near));
    if (other !== undefined) return `; ${quoted(folder ? `${folder}/${other}` : other)} is`;
    // The tree is known where paths of this table were searched for in other folders.
    const elsewhere = this.tree?.endingWith([name]) ?? [];
    if (!elsewhere.length) return '';
    const shown = elsewhere.slice(0, 2).map((path) => quoted(path));
    return elsewhere.length > 1
      ? `; ${elsewhere.length} files elsewhere have its name (${shown.join(', ')}), and nothing says which is meant`
      : `; ${shown[0]} has its name`;
  }

  /**
   * Learns from some paths of the table which beginnings are foreign. Relative paths are left alone where any of them
   * is right as it is.
   */
  learn(given: readonly string[]): void {
    const unknown: Pick<Foreign, 'parts' | 'absolute'>[] = [];
    let isRight = false;
    for (const one of given) {
      const own = written(one);
      if ('problem' in own) continue;
      const found = this.near(own);
      const { path, absolute } = slashed(own);
      if (found && 'path' in found) isRight ||= !absolute;
      else if (!found) unknown.push({ parts: partsOf(path), absolute });
    }
    // A table may name files that were converted since. Where one of its files exists as named, another file of this
    // name is another image.
    this.names.anyEnding = !isRight;
    let open = unknown.filter(({ parts, absolute }) => {
      if (absolute || isRight) return absolute;
      return !this.near({ path: parts.join('/'), spellings: [], absolute });
    });
    while (open.length && this.foreign.length < MOST_FOREIGN) {
      const best = this.mostFitting(open);
      if (!best) return;
      this.foreign.push(best);
      open = open.filter(({ parts, absolute }) => absolute !== best.absolute || !beginsWith(parts, best.parts));
    }
  }

  /** Returns the beginning whose removal finds most of the files; of equals the shortest. */
  private mostFitting(paths: readonly Pick<Foreign, 'parts' | 'absolute'>[]): Foreign | null {
    const votes = new Map<string, Foreign & { count: number }>();
    for (const { parts, absolute } of paths)
      for (let dropped = 0; dropped < parts.length; dropped++) {
        const tail = parts.slice(dropped);
        const [fit, ...others] = this.index().endingWith(tail);
        if (fit === undefined || others.length) continue;
        const start = parts.slice(0, dropped);
        const key = `${absolute ? '/' : ''}${start.join('/')}`;
        const vote = votes.get(key) ?? { count: 0, absolute, parts: start, below: new Set<string>() };
        vote.count++;
        if (vote.below.size < 16) vote.below.add(fit.split('/').slice(0, -tail.length).join('/'));
        votes.set(key, vote);
      }
    const ranked = [...votes.values()].sort((a, b) => b.count - a.count || a.parts.length - b.parts.length);
    return ranked[0] ?? null;
  }
}

/**
 * Returns the name, and what it may have been: before a URL's encoding, or before a spreadsheet read it as a number
 * (`7.0` or `7` for `007`).
 */
function nearNames(name: string): string[] {
  const near = [name, name.replace(/(%[0-7][0-9a-f])+/gi, (codes) => decodeURIComponent(codes))];
  const digits = /^(\d+)(\.0+)?(\.[a-z]+)?$/i.exec(name);
  if (digits) near.push(...Array.from({ length: 12 }, (_, zeros) => '0'.repeat(zeros) + digits[1]));
  return [...new Set(near)];
}

/** Writes a path with slashes, and without a drive's letter. */
function slashed({ path, spellings, absolute }: Written): Written {
  if (!path.includes('\\') && !/^[a-z]:\//i.test(path)) return { path, spellings, absolute };
  const plain = path.replaceAll('\\', '/');
  const drive = /^[a-z]:\/+/i.exec(plain)?.[0] ?? '';
  return {
    path: plain.slice(drive.length),
    spellings: path.includes('\\') ? [...spellings, 'backslash'] : spellings,
    absolute: drive !== '' || isAbsolute(plain),
  };
}

/** Says how `path` differs from the parts in the table. */
function spelled(path: string, parts: readonly string[], spellings: readonly Spelling[]): Found {
  const own = partsOf(path).slice(-parts.length);
  const more = own.flatMap((name, index): Spelling[] => {
    const part = parts[index] as string;
    if (name === part) return [];
    if (composed(name) === composed(part)) return ['unicode_form'];
    if (folded(name) === folded(part)) return ['case'];
    return hasImageEnding(part) ? ['other_ending'] : ['no_ending'];
  });
  return { path, spellings: [...new Set([...spellings, ...more])] };
}

const severalFit = (fits: readonly string[]): string =>
  `the file is not there by this spelling, and several fit: ${fits
    .slice(0, 3)
    .map((path) => quoted(path))
    .join(', ')}.`;

export const isImagePath = (text: string): boolean => hasImageEnding(text) && stemOf(text) !== '';
