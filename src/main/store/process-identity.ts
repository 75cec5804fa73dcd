import { readFileSync, readlinkSync, statSync } from 'node:fs';
import { hostname, uptime } from 'node:os';

/** ESRCH means that the process ended while its file was being read. */
const isGone = (error: unknown): boolean => ['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '');

/**
 * Returns when a process started, as text that no later process with the same id shares: boot id and start time on
 * Linux. Returns null elsewhere, and for a process that has ended. A zombie counts as ended: under an init that doesn't
 * reap, a killed trainer stays one for ever.
 * @param pid `self`: this process, whichever ids /proc shows
 */
export function processStart(pid: number | 'self'): string | null {
  if (process.platform !== 'linux') return null;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may contain spaces; the state is the 3rd field and the start time the 22nd.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return null;
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${fields[19] ?? ''}`;
  } catch (error) {
    if (isGone(error)) return null;
    throw error;
  }
}

/** Identifies the process that owns a run: an id means nothing without its namespace and machine. */
export interface ProcessIdentity {
  pid: number;
  /** Result of `processStart` when it took the run. */
  started: string | null;
  /** Inode of its PID namespace; null off Linux, and in rows of earlier versions. */
  namespace: string | null;
  /** Name of its machine or container. */
  host: string | null;
}

export interface ProcessTrace extends ProcessIdentity {
  heartbeatMs: number;
}

/** Returns the inode of this process's PID namespace; null where the system has none. */
export function ownNamespace(): string | null {
  if (process.platform !== 'linux') return null;
  try {
    return String(statSync('/proc/self/ns/pid').ino);
  } catch (error) {
    if (isGone(error)) return null;
    throw error;
  }
}

/** Returns false in a PID namespace whose /proc is still that of the outer one: ids mean other processes there. */
const procIsOwn = (): boolean => readlinkSync('/proc/self') === String(process.pid);

/** Identifies a process. @param pid of this process; a test may name another one of this namespace */
export const identityOf = (pid: number): ProcessIdentity => ({
  pid,
  started: processStart(pid === process.pid ? 'self' : pid),
  namespace: ownNamespace(),
  host: hostname(),
});

/** This process's view of others, which a test can replace. */
export interface Observer {
  namespace: string | null;
  host: string;
  /** Boot id of this machine. */
  boot: string | null;
  /** Time when this machine started. */
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

/** A process that is known only by its heartbeat counts as ended after this silence. */
export const LONGEST_SILENCE_MS = 120_000;

/**
 * Says whether a process of this id could be seen from here: it belongs to this machine's current boot and to this
 * namespace. Null where that is not known, as for an earlier version.
 */
function isOfHere({ started, namespace, host }: ProcessTrace, here: Observer): boolean | null {
  if (!here.procIsOwn) return false;
  if (started === null) return host === null || host === here.host;
  if (bootOf(started) !== here.boot) return false;
  return namespace === null || here.namespace === null ? null : namespace === here.namespace;
}

/**
 * Says whether the process that took a run is alive. For processes visible from here, /proc answers at once and
 * exactly; for others, in another container or on another machine, only their heartbeat does.
 */
export function processAlive(trace: ProcessTrace, nowMs = Date.now(), here = observer(nowMs)): boolean {
  const { pid, started, host, heartbeatMs } = trace;
  const speaks = nowMs - heartbeatMs <= LONGEST_SILENCE_MS;
  const ofHere = isOfHere(trace, here);
  if (ofHere === false) {
    // It belongs to an earlier boot of this machine, so it has ended.
    const beforeBoot = host === here.host && bootOf(started) !== here.boot && heartbeatMs < here.bootedMs;
    return speaks && !beforeBoot;
  }
  if (started !== null) return processStart(pid) === started || (ofHere === null && speaks);
  if (!speaks) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM means that it exists, but is another user's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
