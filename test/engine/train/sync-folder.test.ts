import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { syncFolder, type FolderSystem } from '../../../src/main/engine/train/sync-folder';

/** A file system whose `call` fails with a code. */
function failing(
  platform: NodeJS.Platform,
  call: 'open' | 'sync',
  code: string,
): { system: FolderSystem; closed: number[] } {
  const closed: number[] = [];
  const fail = (): never => {
    throw Object.assign(new Error(code), { code });
  };
  const system = {
    platform,
    open: () => 7,
    sync: () => undefined,
    close: (handle: number) => void closed.push(handle),
    [call]: fail,
  };
  return { system, closed };
}

describe('syncing a folder', () => {
  it('works here', () => {
    expect(() => syncFolder(mkdtempSync(join(tmpdir(), 'sync-')))).not.toThrow();
  });

  it.each([
    ['open', 'EISDIR'],
    ['open', 'EPERM'],
    ['sync', 'EPERM'],
    ['sync', 'EISDIR'],
  ] as const)('is left out on Windows, which has no such thing: %s gives %s', (call, code) => {
    const { system, closed } = failing('win32', call, code);
    expect(() => syncFolder('x', system)).not.toThrow();
    expect(closed).toEqual(call === 'sync' ? [7] : []);
  });

  it.each([
    ['win32', 'sync', 'EIO'],
    ['win32', 'open', 'ENOENT'],
    ['win32', 'sync', 'ENOSPC'],
    ['linux', 'sync', 'EPERM'],
    ['darwin', 'open', 'EISDIR'],
  ] as const)('fails where something else is wrong: on %s %s gives %s', (platform, call, code) => {
    const { system, closed } = failing(platform, call, code);
    expect(() => syncFolder('x', system)).toThrow(code);
    expect(closed).toEqual(call === 'sync' ? [7] : []);
  });
});
