/** A host without a screen of its own: the core, and its window served to a browser. */
import { stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { AppError } from '../../shared/errors';
import { createCore } from '../services/core/core';
import { realPathInTime } from '../services/core/grants';
import { inTime } from '../services/core/in-time';
import type { Host } from '../services/core/host';
import { letTrainersGo, runsAtStake, type Ending } from '../services/core/quit';
import { startServer, type WindowServer } from './server';

/** A large model's checkpoint takes seconds; one of its steps may take some more. */
const LONGEST_ENDING_MS = 120_000;

export interface ServeOptions {
  home: string;
  /** The port; 0: any that is free. */
  port: number;
  /** Whether to take another where this one is taken. */
  orAny: boolean;
  /** Folders that the window may browse; empty: the user's home folder and the data folder. */
  allow: readonly string[];
  /** Aborting it ends the host in order. */
  signal: AbortSignal;
  onReady: (ready: Ready) => void;
  /** Called with the number of runs that are asked to save and end. */
  onEnding: (runs: number) => void;
}

export interface Ready {
  port: number;
  allowed: readonly string[];
  /** Returns an address that admits one window. */
  newAddress: () => string;
}

export interface Served {
  port: number;
  /** Whether runs continue without a host. */
  background: boolean;
  /** Whether all trainers confirmed in time; one that did not still ends by itself. */
  ended: boolean;
}

const unusable = (what: string, why: string): AppError =>
  new AppError({ code: 'usage', what, why, next: 'This window is in a browser: use the file browser inside it.' });

/** Checks the folders. @throws AppError usage */
async function allowedFolders(home: string, allow: readonly string[]): Promise<string[]> {
  if (allow.length) return [...new Set(await Promise.all(allow.map(existingFolder)))];
  // A home folder on a missing drive must not prevent the data folder's window from starting.
  const user = await realPathInTime(homedir()).catch(() => null);
  return [...new Set([...(user === null ? [] : [user]), await realPathInTime(home)])];
}

async function existingFolder(path: string): Promise<string> {
  const why = await whyNoFolder(path);
  if (why === null) return realPathInTime(path);
  throw new AppError({
    code: 'usage',
    what: `--allow ${path} can't be used.`,
    why,
    next: 'Name a folder that is there.',
  });
}

/** Returns why a path is no folder; null for a folder. */
async function whyNoFolder(path: string): Promise<string | null> {
  try {
    return (await inTime(path, () => stat(path))).isDirectory() ? null : 'It is no folder.';
  } catch (error) {
    if (error instanceof AppError) return error.why;
    const { code, message } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' ? 'There is no such folder.' : `The system says: ${message}.`;
  }
}

/** Runs until it is aborted or the window quits it. @throws AppError usage, and errors of opening the data folder */
export async function serve({ home, port, orAny, allow, signal, onReady, onEnding }: ServeOptions): Promise<Served> {
  const allowed = await allowedFolders(home, allow);
  let server: WindowServer | null = null;
  const { promise: asked, resolve: quit } = Promise.withResolvers<Ending | null>();
  const host: Host = {
    kind: 'serve',
    allowed,
    pick: () => Promise.reject(unusable("The system's dialog can't be opened here.", 'The program has no screen.')),
    reveal: () =>
      Promise.reject(unusable("The file manager can't be opened here.", 'The program may run on another machine.')),
    // No dialog asks here: the settings decide, as they do at Ctrl-C.
    quit: (how) => quit(how === 'ask' ? null : how),
    emit: (topic, data) => server?.emit(topic, data),
  };
  const core = createCore({ home, host });
  try {
    server = await startServer({ core, port, orAny });
    const { port: bound, newAddress } = server;
    if (signal.aborted) quit(null);
    signal.addEventListener('abort', () => quit(null), { once: true });
    onReady({ port: bound, allowed, newAddress });
    const chosen = await asked;
    const { on_quit } = core.context.settings.get();
    const how = chosen ?? (on_quit === 'background' ? 'background' : 'checkpoint');
    const runs = runsAtStake(core.context);
    if (runs && how === 'checkpoint') onEnding(runs);
    const ended = await letTrainersGo(core.context, how, LONGEST_ENDING_MS);
    return { port: bound, background: runs > 0 && how === 'background', ended };
  } finally {
    await server?.close();
    core.close();
  }
}
