/**
 * What a scan remembers for the next one. Unchanged files are not read again, changed files always are, and a killed
 * scan continues where it was.
 */
import { spawn } from 'node:child_process';
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { beforeEach, expect, it } from 'vitest';
import type { Inspected } from '../../../src/main/engine/data/scan/inspect';
import { scanAtHome } from '../../../src/main/services/datasets/imports';
import { entryPath } from '../../../src/main/base/entry';
import { smallSample, temporary } from '../../support/training';

let home: string;
let source: string;
beforeEach(() => {
  home = temporary('rescan-home');
  source = smallSample(join(temporary('rescan'), 'data'), 5);
});

/** Waits until files that were just written are old enough to be remembered. */
const settled = (): Promise<void> => wait(3100);

const cacheFiles = (): string[] => {
  const folder = join(home, 'cache/scans');
  return existsSync(folder)
    ? readdirSync(folder).flatMap((file) => (file.endsWith('.db') ? [join(folder, file)] : []))
    : [];
};

function cacheFile(): string {
  const [file] = cacheFiles();
  if (file === undefined) throw new Error('no scan has made a cache');
  return file;
}

function inCache<T>(use: (db: Database.Database) => T): T {
  const db = new Database(cacheFile(), { fileMustExist: true });
  try {
    return use(db);
  } finally {
    db.close();
  }
}

const remembered = (): string[] =>
  inCache((db) => db.prepare('SELECT path FROM inspected ORDER BY path').pluck().all() as string[]);

/** Marks everything that is remembered, so that a result from the cache is visible. */
function markAll(): void {
  inCache((db) => {
    const update = db.prepare('UPDATE inspected SET text = ? WHERE path = ?');
    for (const { path, text } of db.prepare('SELECT path, text FROM inspected').all() as {
      path: string;
      text: string;
    }[])
      update.run(JSON.stringify({ ...(JSON.parse(text) as Inspected), orientation: 7 }), path);
  });
}

interface Row {
  path: string;
  orientation: number;
  sha256: string;
}

async function scan(onProgress: () => void = () => undefined, signal = new AbortController().signal): Promise<Row[]> {
  const scratch = await scanAtHome({ source, home, signal, valSplit: 0.2, seed: 0, onProgress });
  const rows = scratch.db.prepare('SELECT path, orientation, sha256 FROM files ORDER BY path').all() as Row[];
  scratch.discard();
  return rows;
}

const remade = (rows: readonly Row[]): string[] =>
  rows.filter(({ orientation }) => orientation !== 7).map(({ path }) => path);

it('only what has changed is read again, however well the change hides', async () => {
  await settled();
  const first = await scan();
  expect(remembered()).toEqual(first.map(({ path }) => path));
  markAll();
  expect(remade(await scan())).toEqual([]);
  const [touched = '', rewritten = '', exchanged = '', other = ''] = first.map(({ path }) => path);
  const at = (path: string): string => join(source, path);
  utimesSync(at(touched), new Date(), new Date());
  const { atime, mtime } = statSync(at(rewritten));
  const bytes = readFileSync(at(rewritten));
  writeFileSync(at(rewritten), bytes.fill(0, bytes.length - 5, bytes.length - 2));
  utimesSync(at(rewritten), atime, mtime);
  renameSync(at(exchanged), at('aside'));
  renameSync(at(other), at(exchanged));
  renameSync(at('aside'), at(other));
  const again = await scan();
  expect(remade(again)).toEqual([touched, rewritten, exchanged, other]);
  const contentOf = (rows: readonly Row[], path: string): string | undefined =>
    rows.find((row) => row.path === path)?.sha256;
  expect(contentOf(again, rewritten)).not.toBe(contentOf(first, rewritten));
  expect(contentOf(again, exchanged)).toBe(contentOf(first, other));
});

it('what changed only now is not remembered: it could change again within what its times tell apart', async () => {
  const [file = ''] = readdirSync(join(source, 'train/one'));
  await settled();
  utimesSync(join(source, 'train/one', file), new Date(), new Date(0));
  const rows = await scan();
  expect(remembered()).toEqual(rows.map(({ path }) => path).filter((path) => path !== `train/one/${file}`));
});

it('what another build of the program found, and what is damaged, is not believed', async () => {
  await settled();
  await scan();
  markAll();
  inCache((db) => db.exec("UPDATE build SET name = 'another'"));
  expect(remade(await scan())).toHaveLength(remembered().length);
  const file = cacheFile();
  writeFileSync(file, Buffer.alloc(8192, 'x'));
  expect(remade(await scan())).toHaveLength(remembered().length);
});

it('a cache that another program holds is done without', async () => {
  await settled();
  const first = await scan();
  const held = new Database(cacheFile());
  held.pragma('journal_mode = DELETE');
  held.exec('BEGIN EXCLUSIVE');
  expect(await scan()).toEqual(first);
  held.close();
});

it('an aborted scan keeps what it has read', async () => {
  await settled();
  const controller = new AbortController();
  let told = 0;
  const stop = (): void => {
    if (++told === 2) controller.abort(new Error('stopped'));
  };
  await expect(scan(stop, controller.signal)).rejects.toThrow('stopped');
  expect(remembered().length).toBeGreaterThan(0);
});

it('a killed scan resumes where it was', async () => {
  const [file = ''] = readdirSync(join(source, 'train/one'));
  for (let folder = 0; folder < 20; folder++) {
    mkdirSync(join(source, `train/many${folder}`));
    for (let index = 0; index < 300; index++)
      linkSync(join(source, 'train/one', file), join(source, `train/many${folder}`, `${index}.jpg`));
  }
  await settled();
  const child = spawn(process.execPath, [entryPath('cli'), 'import', source, '--yes', '--home', home], {
    stdio: 'ignore',
  });
  const ended = new Promise((resolve) => child.on('exit', resolve));
  const someKept = (): boolean => cacheFiles().length > 0 && remembered().length > 0;
  while (!someKept() && child.exitCode === null) await wait(5);
  child.kill('SIGKILL');
  await ended;
  expect(remembered().length).toBeGreaterThan(0);
  markAll();
  const kept = new Set(remembered());
  expect(remade(await scan()).filter((path) => kept.has(path))).toEqual([]);
});
