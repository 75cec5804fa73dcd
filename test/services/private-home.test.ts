/** The permissions of a data folder. */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { databasePath } from '../../src/main/base/home';
import { makePrivateHome } from '../../src/main/base/private-home';
import { openStore } from '../../src/main/store/open';
import { addRun } from '../store/support';

const modeOf = (path: string): string => (statSync(path).mode & 0o7777).toString(8);

let parent: string;
let home: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'private-home-'));
  chmodSync(parent, 0o755);
  home = join(parent, 'share', 'studio');
});

describe.skipIf(process.platform === 'win32')('a data folder', () => {
  it('is made for its owner alone, with its database; what lies above it is made as usual', () => {
    const store = openStore(databasePath(home));
    addRun(store);
    expect(modeOf(home)).toBe('700');
    for (const end of ['', '-wal', '-shm']) expect(modeOf(`${databasePath(home)}${end}`), end).toBe('600');
    expect(modeOf(join(parent, 'share'))).not.toBe('700');
    store.close();
  });

  it('that is there already is closed, with its database', () => {
    openStore(databasePath(home)).close();
    mkdirSync(join(home, 'runs'));
    chmodSync(home, 0o755);
    chmodSync(databasePath(home), 0o644);
    const store = openStore(databasePath(home));
    addRun(store);
    expect(modeOf(home)).toBe('700');
    for (const end of ['', '-wal', '-shm']) expect(modeOf(`${databasePath(home)}${end}`), end).toBe('600');
    store.close();
    const empty = join(parent, 'empty');
    mkdirSync(empty);
    chmodSync(empty, 0o777);
    makePrivateHome(empty);
    expect(modeOf(empty)).toBe('700');
  });

  it('in which other things lie stays open, and what is ours in it is closed', () => {
    openStore(databasePath(home)).close();
    for (const name of ['runs', 'cache']) mkdirSync(join(home, name));
    writeFileSync(join(home, 'thesis.tex'), '');
    chmodSync(join(home, 'thesis.tex'), 0o644);
    for (const path of [home, join(home, 'runs')]) chmodSync(path, 0o755);
    chmodSync(databasePath(home), 0o644);
    openStore(databasePath(home)).close();
    expect(modeOf(home)).toBe('755');
    expect(modeOf(join(home, 'thesis.tex'))).toBe('644');
    expect([modeOf(join(home, 'runs')), modeOf(join(home, 'cache')), modeOf(databasePath(home))]).toEqual([
      '700',
      '700',
      '600',
    ]);
  });

  it.each([
    [0o1777, '600'],
    [0o2775, '644'],
  ])('that is shared on purpose (%o) stays so, its database is %s', (mode, database) => {
    mkdirSync(home, { recursive: true });
    chmodSync(home, mode);
    openStore(databasePath(home)).close();
    expect(modeOf(home)).toBe(mode.toString(8));
    expect(modeOf(databasePath(home))).toBe(database);
  });

  it('opened for reading alone is not touched', () => {
    openStore(databasePath(home)).close();
    chmodSync(home, 0o755);
    openStore(databasePath(home), { readonly: true }).close();
    expect(modeOf(home)).toBe('755');
    expect(existsSync(databasePath(home))).toBe(true);
  });
});
