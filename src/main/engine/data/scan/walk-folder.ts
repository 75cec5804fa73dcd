import { realpathSync, statSync, type Dirent } from 'node:fs';
import { join, relative } from 'node:path';
import { byCodePoint } from '../../../../shared/code-points';
import { ignoredReason, systemReason, type Problem } from './entries';
import { folderEntries } from './folder-entries';
import { LinkRules } from './link-rules';
import { reportUndecodable, undecodable } from './undecodable';

type Report = (problem: Problem) => void;

/** State of a walk. */
interface Walk {
  root: string;
  report: Report;
  links: LinkRules;
}

/**
 * Walks the files below a folder, depth first, entries sorted by name. Links are followed as link-rules.ts allows;
 * loops, broken links, unreadable folders and names that are not UTF-8 are reported.
 */
export function walkFolder(root: string, folder: string, report: Report): Generator<string> {
  return filesIn({ root, report, links: new LinkRules(root) }, folder, new Set(), false);
}

/** Walks one folder. @param above real paths of the folders above @param isLinked whether a link led here */
function* filesIn(walk: Walk, folder: string, above: ReadonlySet<string>, isLinked: boolean): Generator<string> {
  const { root, report, links } = walk;
  const own = new Set(above);
  const real = realPath(folder);
  if (real !== null) own.add(real);
  for (const entry of entriesOf(root, folder, report)) {
    const path = join(folder, entry.name);
    const shown = relative(root, path);
    const ignored = ignoredReason(entry.name);
    if (ignored) {
      reportIgnored(root, path, entry, ignored, report);
      continue;
    }
    const kind = kindOf(path, entry);
    if (kind === 'folder') {
      const isLink = entry.isSymbolicLink();
      const refused = links.refuse(path, own, isLink, isLinked);
      if (refused) report({ ...refused, path: shown });
      else yield* filesIn(walk, path, own, isLinked || isLink);
    } else if (kind === 'file') yield shown;
    else report({ ...NO_FILE[kind], path: shown });
  }
}

const NO_FILE = {
  loop: { kind: 'link_loop', reason: 'It links to itself.' },
  broken: { kind: 'broken_link', reason: 'What it links to is not there.' },
  other: { kind: 'unreadable', reason: 'It is neither a file nor a folder.' },
  device: { kind: 'unreadable', reason: 'It links to a file that the system makes up.' },
} as const satisfies Record<string, Pick<Problem, 'kind' | 'reason'>>;

/** Returns null where a folder can't be entered: then reading it gives the reason. */
function realPath(folder: string): string | null {
  try {
    return realpathSync(folder);
  } catch {
    return null;
  }
}

/** Reports a skipped file, or each file of a skipped folder: all of them are named. */
function reportIgnored(root: string, path: string, entry: Dirent, reason: string, report: Report): void {
  const shown = relative(root, path);
  const inside = entry.isDirectory() ? [...filesBelow(path)] : [];
  if (!inside.length) report({ kind: 'ignored', path: shown, reason });
  for (const file of inside)
    report({ kind: 'ignored', path: relative(root, file), reason: `It is in ${shown}. ${reason}` });
}

function* filesBelow(folder: string): Generator<string> {
  for (const entry of entriesOf(folder, folder, () => undefined)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path);
    else yield path;
  }
}

function entriesOf(root: string, folder: string, report: Report): Dirent[] {
  const entries = folderEntries(folder, (error) => {
    report({
      kind: 'unreadable',
      path: relative(root, folder) || '.',
      reason: `The folder can't be read: ${systemReason(error)}.`,
    });
  });
  const bad = undecodable(folder, entries);
  if (bad.length) reportUndecodable(root, folder, bad, report);
  for (const { asRead, entry } of bad)
    entries.splice(
      entries.findIndex((each) => each.name === asRead && each.isDirectory() === entry.isDirectory()),
      1,
    );
  return entries.sort((a, b) => byCodePoint(a.name, b.name));
}

function kindOf(path: string, entry: Dirent): 'file' | 'folder' | keyof typeof NO_FILE {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'folder';
  if (!entry.isSymbolicLink()) return 'other';
  try {
    const target = statSync(path);
    if (target.isDirectory()) return 'folder';
    return target.isFile() ? (LinkRules.leadsToSystem(path) ? 'device' : 'file') : 'other';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ELOOP' ? 'loop' : 'broken';
  }
}
