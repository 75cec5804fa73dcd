import { join } from 'node:path';
import type { CallContext } from '../core/context';
import { Grants } from '../core/grants';
import { thumbnailsOf } from './thumbnails';

/** Root of the pictures and its rule. */
export interface PictureSource {
  root: string;
  /**
   * Says whether a path below the root belongs to what was picked: always for a folder, for a table where it names the
   * path.
   */
  holds: (path: string) => boolean;
}

/**
 * Returns small pictures of files below a folder, in the order of `paths`. A picture is null where the file can't be
 * read, or where it is outside (by `..` or by a link) or not part of what was picked, unless it was picked too.
 */
export async function picturesBelow(
  { home, grants }: CallContext,
  { root, holds }: PictureSource,
  paths: readonly string[],
  size: number,
): Promise<(string | null)[]> {
  const thumbnails = thumbnailsOf(home);
  const own = await ownGrants(root);
  const isAllowed = (path: string, file: string): boolean => {
    try {
      return (own?.allows(file) && holds(path)) || grants.allows(file);
    } catch {
      // This is a loop of links, or a folder that may not be entered.
      return false;
    }
  };
  return Promise.all(
    paths.map((path) => {
      const file = join(root, path);
      return isAllowed(path, file) ? thumbnails.of(file, size) : null;
    }),
  );
}

/** Returns null where the root can't be reached: then it has no pictures. */
async function ownGrants(root: string): Promise<Grants | null> {
  const grants = new Grants([]);
  try {
    await grants.addInTime(root);
    return grants;
  } catch {
    return null;
  }
}
