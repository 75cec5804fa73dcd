import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { windowOptions } from '../../src/main/desktop/window-options';

describe('what the window is started with', () => {
  const folder = mkdtempSync(join(tmpdir(), 'options-'));
  const program = mkdtempSync(join(tmpdir(), 'program-'));
  const of = (...args: string[]): unknown => windowOptions(args, dirname(folder), program);

  it('is a data folder, and a folder to import, by whatever path', () => {
    expect(of()).toEqual({ home: undefined, folder: null });
    expect(of('--home', '/data', folder)).toEqual({ home: '/data', folder });
    expect(of('--home=/data', basename(folder))).toEqual({ home: '/data', folder });
    expect(of('--home', folder)).toEqual({ home: folder, folder: null });
  });

  it('is nothing of what Electron and Chromium put among it, nor the program’s own folder', () => {
    expect(of(program, '--no-sandbox', '--inspect=0', '--remote-debugging-port=0', '--home', '/d', folder)).toEqual({
      home: '/d',
      folder,
    });
  });

  it('is no file and nothing that is not there', () => {
    const file = join(folder, 'file.txt');
    writeFileSync(file, '');
    expect(of(file, join(folder, 'missing'))).toEqual({ home: undefined, folder: null });
  });
});
