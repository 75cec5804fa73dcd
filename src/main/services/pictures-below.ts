import { join } from 'node:path';
import type { CallContext } from './core/context';
import { Grants } from './core/grants';
import { thumbnailsOf } from './thumbnails';

/**
 * Small pictures of files below a folder, in the order of `paths`. Null for what can't be read, and for what lies outside, by `..` or by a
 * link, unless it was picked too.
 */
export function picturesBelow(
  { home, grants }: CallContext,
  root: string,
  paths: readonly string[],
  size: number,
): Promise<(string | null)[]> {
  const thumbnails = thumbnailsOf(home);
  const own = new Grants([root]);
  const isAllowed = (file: string): boolean => {
    try {
      return own.allows(file) || grants.allows(file);
    } catch {
      // A loop of links, or a folder that may not be entered.
      return false;
    }
  };
  return Promise.all(
    paths.map((path) => {
      const file = join(root, path);
      return isAllowed(file) ? thumbnails.of(file, size) : null;
    }),
  );
}
