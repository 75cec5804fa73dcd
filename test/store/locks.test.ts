import { readFileSync, statSync } from 'node:fs';
import { expect, it } from 'vitest';
import { databasePath } from '../../src/main/base/home';
import { openStore } from '../../src/main/store/open';
import { temporaryHome } from './support';

/** Returns this process's locks on a file, as Linux lists them. */
const locksOn = (path: string): string[] =>
  readFileSync('/proc/locks', 'utf8')
    .split('\n')
    .filter((line) => line.includes(` ${process.pid} `) && line.includes(`:${statSync(path).ino} `));

it.skipIf(process.platform !== 'linux')('a second connection of a process leaves the first one its locks', () => {
  const path = databasePath(temporaryHome());
  const first = openStore(path);
  first.prepare('SELECT count(*) FROM runs').get();
  // Without locks, another process that ends would remove the log, and later writes of the first would be lost.
  expect(locksOn(path)).toHaveLength(1);
  const second = openStore(path);
  expect(locksOn(path)).toHaveLength(1);
  second.close();
  expect(locksOn(path)).toHaveLength(1);
  first.close();
  expect(locksOn(path)).toEqual([]);
});
