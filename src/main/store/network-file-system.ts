/**
 * Says whether a folder is on a network file system, where SQLite's log (WAL) is not safe: its index is memory that
 * only processes of one machine share, and locks of such systems are not reliable (sqlite.org/wal.html,
 * sqlite.org/faq.html#q5).
 */
import { readFileSync, statfsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ErrorData } from '../../shared/errors';

/**
 * Names by `f_type` of statfs(2). Folders of a virtual machine's host behave the same: memory of a file is not shared
 * with it.
 */
const KINDS: Readonly<Record<number, string>> = {
  0x6969: 'NFS',
  0x517b: 'SMB',
  0xff534d42: 'SMB (CIFS)',
  0xfe534d42: 'SMB 2',
  0x5346414f: 'AFS',
  0x6b414653: 'AFS',
  0x73757245: 'Coda',
  0x00c36400: 'CephFS',
  0x0bd00bd0: 'Lustre',
  0x47504653: 'GPFS',
  0x19830326: 'BeeGFS',
  0x013111a8: 'IBRIX',
  0xaad7aaea: 'PanFS',
  0x7461636f: 'OCFS2',
  0x01161970: 'GFS2',
  0x01021997: '9P, a folder of the host',
  0x786f4256: 'VirtualBox, a folder of the host',
  0xbacbacbc: 'VMware, a folder of the host',
};

const FUSE = 0x65735546;

/**
 * File systems that FUSE mounts over a network. Others, such as ntfs-3g, mergerfs or gocryptfs, are as local as the one
 * below them.
 */
const OVER_NETWORK =
  /^fuse\.(sshfs|rclone|curlftpfs|smbnetfs|gvfsd-fuse|s3fs|goofys|mount-s3|mountpoint-s3|gcsfuse|blobfuse2?|davfs2?|gluster(fs)?|ceph(-fuse)?|juicefs|mfs|moosefs|lizardfs|seaweedfs|weed|beegfs|hdfs|alluxio|vmhgfs-fuse)$/i;

export interface MountFacts {
  platform: NodeJS.Platform;
  /** Returns `f_type` of a path. */
  typeOf: (path: string) => number;
  /** Returns /proc/self/mountinfo. */
  mounts: () => string;
}

const OWN: MountFacts = {
  platform: process.platform,
  typeOf: (path) => statfsSync(path).type,
  mounts: () => readFileSync('/proc/self/mountinfo', 'utf8'),
};

/**
 * Returns the file system's name; null where it is local, or where the system does not tell. @param folder one that
 * exists
 */
export function networkFileSystem(folder: string, facts: MountFacts = OWN): string | null {
  if (facts.platform === 'win32') return /^[\\/]{2}[^?.\\/]/.test(folder) ? 'SMB' : null;
  if (facts.platform !== 'linux') return null;
  // It may be a negative number of 32 bits.
  const type = facts.typeOf(folder) >>> 0;
  if (type !== FUSE) return KINDS[type] ?? null;
  const kind = kindOfMount(resolve(folder), facts.mounts());
  return OVER_NETWORK.test(kind) ? kind : null;
}

/**
 * Returns the type of the mount that holds a path: of the last of those with the longest path, which hides the ones
 * before.
 */
function kindOfMount(path: string, mounts: string): string {
  let [longest, kind] = ['', ''];
  for (const line of mounts.split('\n')) {
    // A line reads: 36 35 98:0 /root /mount/point rw,noatime master:1 - fuse.sshfs source options
    const [before = '', after = ''] = line.split(' - ');
    const point = (before.split(' ')[4] ?? '').replace(/\\(\d{3})/g, (_, code: string) =>
      String.fromCharCode(parseInt(code, 8)),
    );
    const holds = point === '/' || path === point || path.startsWith(`${point}/`);
    if (point && holds && point.length >= longest.length) [longest, kind] = [point, after.split(' ')[0] ?? ''];
  }
  return kind;
}

/** Says what it means for a data folder there, in one sentence each: why, and what to do. */
export const networkAdvice = (kind: string): Pick<ErrorData, 'why' | 'next' | 'action'> => ({
  why: `The data folder is on a network file system (${kind}). SQLite's log is safe from one machine at a time only, and locks there are not reliable.`,
  next: 'Use this data folder from one machine only, or choose a local one with --home. Datasets may stay on the network.',
  action: { id: 'one_machine' },
});
