/**
 * Launches the program on any Node >= 20: finds the Node 24 that npm installed, builds what is stale, then starts the
 * real program with it. Nothing native is imported before, because better-sqlite3 ends Node 20 without a message.
 */
import { spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hasEnded } from '../scripts/process-ended.mjs';
import { passSignals } from './pass-signals.mjs';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stamp = join(root, 'out', '.built');
const lock = join(root, 'out', '.building');
const SOURCES = [
  'src',
  'package.json',
  'electron.vite.config.ts',
  'resources/engine.json',
  'resources/engine-cuda.json',
];
/** A lock without a process in it is being written, or its process was killed between two calls. */
const EMPTY_LOCK_MS = 10_000;
/** A build takes seconds, so the process id in an older lock belongs to another process now. */
const LONGEST_BUILD_MS = 10 * 60_000;

export function node24() {
  const own = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (existsSync(own)) return own;
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  console.error(
    `efficienttrain needs Node 24, which \`npm ci\` installs into node_modules; this is Node ${process.versions.node}.\nRun \`npm ci\` in ${root}. npm 12 needs its scripts allowed: package.json's allowScripts does that.`,
  );
  process.exit(1);
}

function newest(path) {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) return 0;
  if (!stats.isDirectory()) return stats.mtimeMs;
  return Math.max(stats.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

const isStale = () =>
  Math.max(...SOURCES.map((path) => newest(join(root, path)))) >
  (statSync(stamp, { throwIfNoEntry: false })?.mtimeMs ?? 0);

function sleep(ms) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/** Says whether the process that took the lock is gone. */
function isAbandoned(path = lock) {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) return false;
  const [pid, age] = [Number(readLock(path)), Date.now() - stats.mtimeMs];
  return pid ? hasEnded(pid) || age > LONGEST_BUILD_MS : age > EMPTY_LOCK_MS;
}

/** Reads the lock; empty where it has just been removed. */
function readLock(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    return '';
  }
}

/** Removes an abandoned lock; a lock that another builder has put in its place meanwhile is put back. */
function breakLock() {
  const aside = `${lock}.${process.pid}`;
  try {
    renameSync(lock, aside);
    if (!isAbandoned(aside)) linkSync(aside, lock);
  } catch (error) {
    if (!['ENOENT', 'EEXIST'].includes(error.code)) throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

/** Takes the lock, or waits for the other builder; false once the build is current. */
function mayBuild() {
  mkdirSync(dirname(lock), { recursive: true });
  while (isStale()) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      return true;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      if (isAbandoned()) breakLock();
      else sleep(100);
    }
  }
  return false;
}

/** Builds the program, unless this is an installed package, which has out/ and no sources. */
function build(node) {
  if (!existsSync(join(root, 'src')) || !isStale() || !mayBuild()) return;
  const began = new Date();
  try {
    const { status, stdout, stderr } = spawnSync(
      node,
      [join(root, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js'), 'build'],
      { cwd: root, encoding: 'utf8' },
    );
    if (status !== 0) {
      console.error(`${stdout}${stderr}\nThe program could not be built.`);
      process.exit(1);
    }
    writeFileSync(stamp, '');
    // Files that changed while the build ran count as newer.
    utimesSync(stamp, began, began);
  } finally {
    rmSync(lock, { force: true });
  }
}

/** Builds what is stale. @returns the Node that runs the program */
export function prepare() {
  const node = node24();
  build(node);
  return node;
}

/** Runs out/main/cli.js with these arguments and ends as it ends. */
export const launch = (args) => run(prepare(), ['--enable-source-maps', join(root, 'out', 'main', 'cli.js'), ...args]);

/** Runs a program, passes signals on, and ends as it ends. */
export function run(program, args, env = process.env) {
  const child = spawn(program, args, { stdio: 'inherit', env });
  passSignals(child);
  child.on('exit', (code, signal) => process.exit(signal ? 128 + 15 : (code ?? 1)));
}
