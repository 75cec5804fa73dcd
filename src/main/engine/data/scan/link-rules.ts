/**
 * Decides which links to folders a walk follows. A data set may consist of links, but one link to `/` would walk
 * through the whole machine.
 */
import { readlinkSync, realpathSync } from 'node:fs';
import { sep } from 'node:path';
import { sampleNames } from '../layout/look';
import { systemReason, type Problem } from './entries';

/** File systems of the kernel: their files have no end, or block their reader. */
const SYSTEM = ['/proc', '/sys', '/dev'];
/** Memory that is used as a disk. */
const SHARED_MEMORY = '/dev/shm';

/**
 * Number of files counted below a linked folder outside the source, and the share of images among them from which on it
 * counts as data.
 */
const COUNTED = 2000;
const LEAST_SHARE = 0.01;

const isBelow = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);

const isOfSystem = (path: string): boolean =>
  SYSTEM.some((folder) => isBelow(path, folder)) && !isBelow(path, SHARED_MEMORY);

type Refusal = Pick<Problem, 'kind' | 'reason'>;

export class LinkRules {
  private readonly root: string;
  /** Real paths of folders that a link has led to. */
  private readonly led = new Set<string>();

  constructor(root: string) {
    this.root = realpathSync(root);
  }

  /** Says whether a real path is in the kernel's file systems. */
  static isOfSystem(path: string): boolean {
    return isOfSystem(path);
  }

  /** Says whether a link to a file leads into the kernel's file systems. */
  static leadsToSystem(path: string): boolean {
    const target = readlinkSync(path);
    return isOfSystem(target);
  }

  /**
   * Returns why a folder is not walked; null where it is.
   * @param above real paths of the folders above @param isLink whether `path` itself is a link @param isLinked whether
   * a link led to its place
   */
  refuse(path: string, above: ReadonlySet<string>, isLink: boolean, isLinked: boolean): Refusal | null {
    if (!isLink && !isLinked) return null;
    let real: string;
    try {
      real = realpathSync(path);
    } catch (error) {
      return { kind: 'unreadable', reason: `It can't be followed: ${systemReason(error)}.` };
    }
    if (above.has(real)) return { kind: 'link_loop', reason: 'It leads back to a folder above it.' };
    if (!isLink) return null;
    if (isBelow(this.root, real))
      return { kind: 'link_loop', reason: `It leads to ${real}, which holds the source itself.` };
    // Folders that link to each other would make a path for every order in which they can be visited.
    if (isLinked && this.led.has(real))
      return { kind: 'link_loop', reason: `It leads to ${real}, where another link has led.` };
    this.led.add(real);
    return isBelow(real, this.root) ? null : this.refuseOutside(real);
  }

  private refuseOutside(real: string): Refusal | null {
    if (isOfSystem(real))
      return { kind: 'unreadable', reason: `It leads to ${real}, whose files the system makes up.` };
    const { files, images } = sampleNames(real, COUNTED);
    if (files < COUNTED || images >= LEAST_SHARE * files) return null;
    const counted = `${images} of the first ${files.toLocaleString('en')} files are named as images`;
    return {
      kind: 'unreadable',
      reason: `It leads out of the source to ${real}, where ${counted}. It was not followed.`,
    };
  }
}
