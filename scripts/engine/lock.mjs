/**
 * Allows one install at a time, and none that waits for ever: a lock names its process so that no later one can be
 * mistaken for it, and only one waiter breaks the lock.
 */
import { linkSync, mkdirSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasEnded } from '../process-ended.mjs';

const POLL_MS = 500;
/**
 * An install of CUDA's libraries over a slow line takes this long. An older lock, of a process that can't be looked up,
 * counts as abandoned.
 */
const LONGEST_MS = 4 * 3600_000;

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes(error.code)) return null;
    throw error;
  }
}

/** Returns when a process started, as text that no other process of its id shares; null where that is unknown. */
function startOf(pid) {
  if (process.platform !== 'linux') return null;
  const stat = read(`/proc/${pid}/stat`);
  // The name in parentheses may hold spaces; the start time is the 22nd field.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields ? `${read('/proc/sys/kernel/random/boot_id')?.trim()} ${fields[19]}` : null;
}

/** Names where process ids mean the same: containers count their own, and machines may share a home folder. */
function placeOfIds() {
  if (process.platform !== 'linux') return hostname();
  try {
    return `${hostname()} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch (error) {
    if (!['ENOENT', 'EACCES', 'EPERM'].includes(error.code)) throw error;
    return hostname();
  }
}

const ownerOf = (pid) => JSON.stringify({ pid, started: startOf(pid), place: placeOfIds() });

/** Reads a lock. @returns the process that it names; earlier versions wrote its id alone */
function parse(text) {
  try {
    const owner = JSON.parse(text);
    return typeof owner === 'number' ? { pid: owner, started: null, place: placeOfIds() } : owner;
  } catch {
    // The lock is truncated, or another program's: its age decides.
    return null;
  }
}

/** Says whether nobody holds a lock any more. @param text the lock's content @param age in milliseconds */
export function isAbandoned(text, age, longestMs = LONGEST_MS) {
  const owner = parse(text);
  if (!owner?.pid || owner.place !== placeOfIds()) return age > longestMs;
  if (hasEnded(owner.pid)) return true;
  const started = startOf(owner.pid);
  if (owner.started === null || started === null) return age > longestMs;
  return owner.started !== started;
}

/** Makes a lock with its owner in it, in one step. @returns whether there was none before */
function take(lock, owner) {
  const aside = `${lock}.${process.pid}-${Math.random().toString(36).slice(2)}`;
  writeFileSync(aside, owner);
  try {
    linkSync(aside, lock);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    // A file system without hard links leaves the lock empty for a moment, and an empty one counts as young.
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(error.code)) throw error;
    return takeByCreating(lock, owner);
  } finally {
    rmSync(aside, { force: true });
  }
}

function takeByCreating(lock, owner) {
  try {
    writeFileSync(lock, owner, { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

function isFree(lock, longestMs) {
  const [text, stats] = [read(lock), statSync(lock, { throwIfNoEntry: false })];
  return text !== null && stats !== undefined && isAbandoned(text, Date.now() - stats.mtimeMs, longestMs);
}

/**
 * Removes a lock that nobody holds. Whoever does so holds a lock for it and checks again: otherwise a second waiter,
 * who saw the same dead process, would remove the lock that the first has taken meanwhile.
 */
function breakAbandoned(lock, longestMs) {
  if (!isFree(lock, longestMs)) return;
  const guard = `${lock}.breaking`;
  if (!take(guard, ownerOf(process.pid))) {
    // This lock is held for a moment only, unless its holder was killed then.
    if (isFree(guard, longestMs)) rmSync(guard, { force: true });
    return;
  }
  try {
    if (isFree(lock, longestMs)) rmSync(lock, { force: true });
  } finally {
    rmSync(guard, { force: true });
  }
}

/**
 * Runs `work` while no other process does.
 * @param limits `pollMs` between checks; `longestMs` as above, and the longest wait: given in tests
 * @throws Error where another process has held the lock for too long
 */
export async function withLock(lock, work, say = () => undefined, { pollMs = POLL_MS, longestMs = LONGEST_MS } = {}) {
  mkdirSync(dirname(lock), { recursive: true });
  const owner = ownerOf(process.pid);
  const began = Date.now();
  for (let told = false; !take(lock, owner);) {
    breakAbandoned(lock, longestMs);
    if (Date.now() - began > longestMs) throw new Error(heldTooLong(lock));
    if (!told) say('another install is building the engine; waiting for it');
    told = true;
    await sleep(pollMs);
  }
  try {
    return await work();
  } finally {
    // Another process has the lock now if this one was taken for dead.
    if (read(lock) === owner) rmSync(lock, { force: true });
  }
}

const heldTooLong = (lock) =>
  `another install has held ${lock} for hours (${read(lock) ?? 'it has just gone'}); end that process, or remove the file if there is none`;
