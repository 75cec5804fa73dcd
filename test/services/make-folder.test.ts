import { existsSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeFolder } from '../../src/main/base/make-folder';

const root = mkdtempSync(join(tmpdir(), 'efficienttrain-folder-'));

describe('making a folder', () => {
  it('makes what is missing above it, and leaves what is there', () => {
    makeFolder(join(root, 'a', 'b', 'c'));
    makeFolder(join(root, 'a', 'b', 'c'));
    expect(existsSync(join(root, 'a', 'b', 'c'))).toBe(true);
  });

  it('says what the system says where a file is in the way', () => {
    writeFileSync(join(root, 'file'), '');
    symlinkSync(join(root, 'nowhere'), join(root, 'link'));
    expect(() => makeFolder(join(root, 'file'))).toThrow(expect.objectContaining({ code: 'ENOTDIR' }));
    expect(() => makeFolder(join(root, 'file', 'below'))).toThrow(expect.objectContaining({ code: 'ENOTDIR' }));
    expect(() => makeFolder(join(root, 'link'))).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^E/) as string }),
    );
  });

  it.skipIf(process.platform !== 'linux')('returns where no folder can be made (Linux: below /proc)', () => {
    expect(() => makeFolder('/proc/efficienttrain/x')).toThrow(expect.objectContaining({ code: 'ENOENT' }));
  });
});
