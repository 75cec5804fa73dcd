/**
 * Datasets on drives that are missing, broken or do not answer: hosts start, show them as missing, and use the others.
 */
import type * as fs from 'node:fs';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { databasePath } from '../../src/main/base/home';
import { Grants } from '../../src/main/services/core/grants';
import { insertDataset, type Dataset } from '../../src/main/store/datasets';
import { openStore } from '../../src/main/store/open';
import { startServe } from '../support/serve';
import { temporary } from '../support/training';
import { openCore, type Opened } from './core-support';

const { bad } = vi.hoisted(() => ({ bad: new Map<string, string>() }));

const codeOf = (path: unknown): string | undefined =>
  [...bad].find(([root]) => path === root || String(path).startsWith(`${root}/`))?.[1];
const error = (code: string): Error => Object.assign(new Error(`${code}: as if`), { code });

vi.mock('node:fs', async (original) => {
  const real = await original<typeof fs>();
  const failing =
    <A extends unknown[], R>(act: (...args: A) => R) =>
    (...args: A): R => {
      const code = codeOf(args[0]);
      if (code === 'hang') throw new Error(`the host was blocked by ${String(args[0])}`);
      if (code !== undefined) throw error(code);
      return act(...args);
    };
  const realpathSync = failing(real.realpathSync);
  return { ...real, realpathSync, statSync: failing(real.statSync), default: { ...real, realpathSync } };
});
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof fs.promises>();
  const failing =
    <A extends unknown[], R>(act: (...args: A) => Promise<R>) =>
    (...args: A): Promise<R> => {
      const code = codeOf(args[0]);
      if (code === 'hang') return new Promise<never>(() => undefined);
      return code === undefined ? act(...args) : Promise.reject(error(code));
    };
  return { ...real, stat: failing(real.stat), realpath: failing(real.realpath) };
});

function dataset(home: string, id: string, root: string, format = 'class-folders'): void {
  const record = {
    ...{ counts: { train: { a: 1 } }, formats: {}, problems: {}, excluded: {}, sizes: { smallest: 1, largest: 1 } },
    options: { val_split: 0, seed: 0, exclude_problems: false, exclude_leaks: false, val_drawn: false },
  };
  const store = openStore(databasePath(home));
  insertDataset(store, { id, name: id, root, format, created: '', classes: ['a'], record } as Dataset);
  store.close();
}

let opened: Opened | null = null;
let home: string;
let good: string;
beforeEach(() => {
  [home, good] = [temporary('unreachable'), temporary('unreachable-good')];
  writeFileSync(join(good, 'a.png'), '');
  dataset(home, 'good', good);
});
afterEach(() => {
  bad.clear();
  opened?.core.close();
  opened = null;
});

const present = async (): Promise<Record<string, boolean>> =>
  Object.fromEntries((await (opened as Opened).call('datasets.list', {})).map(({ id, present: is }) => [id, is]));

describe('a host with a dataset whose root says', () => {
  it.each(['ESTALE', 'ENOTCONN', 'EACCES', 'EIO', 'ENOTDIR', 'ELOOP', 'EHOSTDOWN', 'ENODEV'])(
    '%s starts, and uses the others',
    async (code) => {
      bad.set('/mnt/gone', code);
      dataset(home, 'bad', '/mnt/gone/photos');
      opened = openCore(home);
      expect(await present()).toEqual({ bad: false, good: true });
      await opened.call('app.reveal', { path: join(good, 'a.png') });
      const refused = opened.call('app.reveal', { path: '/mnt/gone/photos/a.png' });
      await expect(refused).rejects.toMatchObject({
        code: code === 'ENOENT' ? 'usage' : 'io',
        why: expect.stringContaining(code) as string,
      });
    },
  );

  it('nothing at all starts at once, and answers in time', async () => {
    for (const name of ['one', 'two', 'three']) {
      bad.set(`/mnt/${name}`, 'hang');
      dataset(home, name, `/mnt/${name}`);
    }
    const began = performance.now();
    opened = openCore(home);
    // Less than a single question waits for its answer.
    expect(performance.now() - began).toBeLessThan(2500);
    expect(await present()).toEqual({ good: true, one: false, two: false, three: false });
    // The drive is not asked again while an answer is pending.
    const again = performance.now();
    await expect(opened.call('app.reveal', { path: '/mnt/one/a.png' })).rejects.toMatchObject({
      ...{ code: 'io', message: expect.stringContaining("can't be reached") as string },
    });
    expect(performance.now() - again).toBeLessThan(4000);
    expect(await opened.call('runs.list', {})).toEqual([]);
  });
});

describe('grants', () => {
  it('of imported folders are resolved when a path below them is used, and follow a link at that moment', () => {
    const [folder, elsewhere] = [temporary('grants'), temporary('grants-elsewhere')];
    const root = join(folder, 'photos');
    symlinkSync(elsewhere, root);
    const grants = new Grants([], () => [root, '/mnt/none/at/all']);
    expect(grants.allows(join(root, 'a.png'))).toBe(true);
    expect(grants.allows(join(elsewhere, 'a.png'))).toBe(false);
    expect(grants.allows(folder)).toBe(false);
    mkdirSync(join(elsewhere, 'x'));
    symlinkSync(folder, join(elsewhere, 'out'));
    expect(grants.allows(join(root, 'x'))).toBe(true);
    expect(grants.allows(join(root, 'out', 'b.png'))).toBe(false);
    expect(() => grants.check('/etc/passwd')).toThrow('was not picked');
  });

  it('tell what the system says of a path', () => {
    const folder = temporary('grants-loop');
    symlinkSync(join(folder, 'loop'), join(folder, 'loop'));
    writeFileSync(join(folder, 'file'), '');
    const grants = new Grants([folder]);
    expect(() => grants.check(join(folder, 'loop'))).toThrow(/can't be reached/);
    expect(() => grants.check(join(folder, 'file', 'below'))).toThrow(/can't be reached/);
  });
});

it('serve starts with datasets at a loop of links and below a file', async () => {
  const folder = temporary('unreachable-real');
  symlinkSync(join(folder, 'loop'), join(folder, 'loop'));
  writeFileSync(join(folder, 'file'), '');
  dataset(home, 'loop', join(folder, 'loop'));
  dataset(home, 'below', join(folder, 'file', 'photos'));
  const served = await startServe(home);
  await served.close();
  await expect(startServe(home, ['--allow', join(folder, 'loop')])).rejects.toThrow(/ended with 2:[\s\S]*ELOOP/);
  await expect(startServe(home, ['--allow', join(folder, 'file')])).rejects.toThrow(/ended with 2:[\s\S]*no folder/);
});
