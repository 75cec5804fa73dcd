import { readFileSync, readlinkSync, statSync } from 'node:fs';
import { hostname, uptime } from 'node:os';

/** ESRCH: it ended while it was being read. */
const isGone = (error: unknown): boolean => ['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '');

/**
 * When a process started, as text that no later process with the same id shares: boot id and start time on Linux. null
 * elsewhere, and for a process that has ended (a zombie too: under an init that doesn't reap, a killed trainer stays
 * one for ever).
 * @param pid `self`: this process, whichever ids /proc shows
 */
export function processStart(pid: number | 'self'): string | null {
  if (process.platform !== 'linux') return null;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold spaces; the state is the 3rd field and the start time the 22nd.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return null;
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${fields[19] ?? ''}`;
  } catch (error) {
    if (isGone(error)) return null;
    throw error;
  }
}

/** Which process owns a run: an id means nothing without the namespace and the machine it is of. */
export interface ProcessIdentity {
  pid: number;
  /** `processStart` when it took the run. */
  started: string | null;
  /** Inode of its PID namespace; null off Linux, and in rows of earlier versions. */
  namespace: string | null;
  /** Name of its machine or container. */
  host: string | null;
}

export interface ProcessTrace extends ProcessIdentity {
  heartbeatMs: number;
}

/** Inode of this process's PID namespace; null where there is no such thing. */
export function ownNamespace(): string | null {
  if (process.platform !== 'linux') return null;
  try {
    return String(statSync('/proc/self/ns/pid').ino);
  } catch (error) {
    if (isGone(error)) return null;
    throw error;
  }
}

/** False in a PID namespace whose /proc is still that of the one around it: ids mean other processes there. */
const procIsOwn = (): boolean => readlinkSync('/proc/self') === String(process.pid);

/** @param pid of this process; a test may name another one of this namespace */
export const identityOf = (pid: number): ProcessIdentity => ({
  pid,
  started: processStart(pid === process.pid ? 'self' : pid),
  namespace: ownNamespace(),
  host: hostname(),
});

/** What this process can see of others, so that a test can stand elsewhere. */
export interface Observer {
  namespace: string | null;
  host: string;
  /** Boot id. */
  boot: string | null;
  /** When this machine was started. */
  bootedMs: number;
  procIsOwn: boolean;
}

const bootOf = (started: string | null): string | null => started?.split(' ')[0] ?? null;

function observer(nowMs: number): Observer {
  const linux = process.platform === 'linux';
  return {
    ...{ namespace: ownNamespace(), host: hostname(), boot: bootOf(processStart('self')) },
    ...{ bootedMs: nowMs - 1000 * uptime(), procIsOwn: !linux || procIsOwn() },
  };
}

/** Without more to tell a process by, one that has shown no heartbeat for this long is gone. */
export const LONGEST_SILENCE_MS = 120_000;

/**
 * Whether a process of this id could be seen from here: it is of this machine's present start and of this namespace.
 * Null where it is not known, as of an earlier version.
 */
function isOfHere({ started, namespace, host }: ProcessTrace, here: Observer): boolean | null {
  if (!here.procIsOwn) return false;
  if (started === null) return host === null || host === here.host;
  if (bootOf(started) !== here.boot) return false;
  return namespace === null || here.namespace === null ? null : namespace === here.namespace;
}

/**
 * Whether the process that took a run still lives. /proc tells it of those that can be seen from here, at once and
 * exactly; of others, in another container or on another machine, only their heartbeat does.
 */
export function processAlive(trace: ProcessTrace, nowMs = Date.now(), here = observer(nowMs)): boolean {
  const { pid, started, host, heartbeatMs } = trace;
  const speaks = nowMs - heartbeatMs <= LONGEST_SILENCE_MS;
  const ofHere = isOfHere(trace, here);
  if (ofHere === false) {
    // Before this machine was started: with what it ran then, it is gone.
    const beforeBoot = host === here.host && bootOf(started) !== here.boot && heartbeatMs < here.bootedMs;
    return speaks && !beforeBoot;
  }
  if (started !== null) return processStart(pid) === started || (ofHere === null && speaks);
  if (!speaks) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is there, but another user's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
