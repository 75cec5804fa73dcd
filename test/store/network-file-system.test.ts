import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { networkFileSystem, type MountFacts } from '../../src/main/store/network-file-system';

const MOUNTS = [
  '22 27 0:21 / / rw,relatime shared:1 - ext4 /dev/sda1 rw',
  '40 22 0:50 / /home/me/far rw,nosuid - fuse.sshfs me@far:/ rw',
  '41 22 0:51 / /home/me/far\\040away rw,nosuid shared:4 master:2 - fuse.rclone bucket: rw',
  '42 22 0:52 / /home/me/disk rw - fuseblk /dev/sdb1 rw',
  '43 22 0:53 / /home/me/safe rw - fuse.gocryptfs /x rw',
  '44 40 0:54 / /home/me/far/near rw - fuse.mergerfs /y rw',
  '45 22 0:55 / /home/me/twice rw - fuse.mergerfs /y rw',
  '46 45 0:56 / /home/me/twice rw - fuse.sshfs me@far:/ rw',
].join('\n');
const FUSE = 0x65735546;

const on = (type: number, platform: NodeJS.Platform = 'linux'): MountFacts => ({
  platform,
  typeOf: () => type,
  mounts: () => MOUNTS,
});

describe('a network file system', () => {
  it('is not what tests write to', () => {
    expect(networkFileSystem(tmpdir())).toBeNull();
  });

  it.each([
    ['NFS', 0x6969],
    ['SMB', 0x517b],
    ['SMB (CIFS)', 0xff534d42],
    // The number is a signed one of 32 bits.
    ['SMB (CIFS)', 0xff534d42 | 0],
    ['SMB 2', 0xfe534d42],
    ['CephFS', 0xc36400],
    ['Lustre', 0xbd00bd0],
  ])('is recognised by its number: %s', (kind, type) => {
    expect(networkFileSystem('/x', on(type))).toBe(kind);
  });

  it.each([
    ['ext4', 0xef53],
    ['tmpfs', 0x1021994],
    ['xfs', 0x58465342],
    ['btrfs', 0x9123683e],
    ['overlay', 0x794c7630],
  ])('is none of the local ones: %s', (_, type) => {
    expect(networkFileSystem('/x', on(type))).toBeNull();
  });

  it.each([
    ['/home/me/far', 'fuse.sshfs'],
    ['/home/me/far/data', 'fuse.sshfs'],
    ['/home/me/far away/data', 'fuse.rclone'],
    ['/home/me/twice/data', 'fuse.sshfs'],
    ['/home/me/disk/data', null],
    ['/home/me/safe', null],
    ['/home/me/far/near/data', null],
    ['/home/me/farther', null],
  ])('of FUSE is recognised by its mount: %s is %s', (path, kind) => {
    expect(networkFileSystem(path, on(FUSE))).toBe(kind);
  });

  it('on Windows is a path that begins with a machine’s name', () => {
    expect(networkFileSystem('\\\\server\\share\\home', on(0, 'win32'))).toBe('SMB');
    expect(networkFileSystem('C:\\home', on(0, 'win32'))).toBeNull();
    expect(networkFileSystem('\\\\?\\C:\\home', on(0, 'win32'))).toBeNull();
    expect(networkFileSystem('/Volumes/share', on(0x6969, 'darwin'))).toBeNull();
  });
});
