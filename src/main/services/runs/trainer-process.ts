/**
 * Starts a trainer process and listens to it. The trainer has a process group of its own, so that Ctrl-C in the
 * terminal reaches only its host, which then asks it to stop. It notices by itself when its host has ended.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { entryPath } from '../../base/entry';
import { makeFolder } from '../../base/make-folder';
import { letGo, notStarted, onEnd, started, tell } from '../processes/child-process';
import { nodeProgram } from '../processes/node-process';
import { engineEnvironment, gpuEnvironment } from '../../engine/backend/environment';
import type { TrainerMessage, TrainerRequest } from '../../engine/train/protocol';
import { runFolder } from '../../base/home';
import { AppError } from '../../../shared/errors';
import { isDiskFull } from '../../base/disk-full';
import type { RunConfig } from '../../../shared/run-config';

export interface TrainerHandle {
  pid: number;
  /** @returns whether it could still receive the message */
  send: (request: TrainerRequest) => boolean;
  /** Releases the trainer: it saves a checkpoint and ends, or trains on where its run continues in the background. */
  release: () => void;
  /** Ends it at once, without a checkpoint. */
  kill: () => void;
  /** Resolves when the process runs. @throws AppError io where it could not be started */
  running: Promise<void>;
  /** Resolves when the process has ended. @throws AppError io where it could not be started */
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

export interface TrainerOptions {
  home: string;
  runId: string;
  config: RunConfig;
  /** Train on without a host: no channel, nothing to listen to. */
  detach?: boolean;
  onMessage?: (message: TrainerMessage) => void;
}

export const trainerLog = (home: string, runId: string): string => join(runFolder(home, runId), 'trainer.log');

/** Bytes of the log's end that are read, because a log may grow without a limit. */
const TAIL_BYTES = 64 * 1024;

/**
 * Returns the last lines of the trainer's own output, for an error message; empty where there is no log, or none that
 * can be read.
 */
export function trainerLogTail(home: string, runId: string, lines = 12): string {
  try {
    return tailOf(trainerLog(home, runId)).trimEnd().split('\n').slice(-lines).join('\n');
  } catch {
    // It was removed with the run's folder, or the disk fails: the message omits it.
    return '';
  }
}

function tailOf(path: string): string {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const bytes = Buffer.alloc(Math.min(size, TAIL_BYTES));
    return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, size - bytes.length)).toString('utf8');
  } finally {
    closeSync(file);
  }
}

function openLog(home: string, runId: string): number {
  try {
    makeFolder(runFolder(home, runId));
    return openSync(trainerLog(home, runId), 'a');
  } catch (error) {
    const { message } = error as Error;
    throw new AppError(
      {
        code: isDiskFull(error) ? 'disk_full' : 'io',
        what: `The run's folder ${runFolder(home, runId)} can't be written.`,
        why: message,
        next: 'Make room or make it writable, then start the run again.',
      },
      { cause: error },
    );
  }
}

/**
 * Starts a trainer. @throws AppError disk_full, io where the run's folder can't be written or the system has no process
 * left to give
 */
export function startTrainer(options: TrainerOptions): TrainerHandle {
  const log = openLog(options.home, options.runId);
  const child = ((): ChildProcess => {
    try {
      return started('the trainer', () => spawnTrainer(options, log));
    } finally {
      closeSync(log);
    }
  })();
  const { onMessage } = options;
  if (onMessage) child.on('message', (message) => onMessage(message as TrainerMessage));
  const running = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<{ code: number | null; signal: NodeJS.Signals | null }>();
  // A caller that doesn't wait for them wants no rejection either.
  running.promise.catch(() => undefined);
  ended.promise.catch(() => undefined);
  child.once('spawn', running.resolve);
  onEnd(child, (how) => {
    if (child.pid === undefined) {
      running.reject(notStarted('the trainer', how));
      ended.reject(notStarted('the trainer', how));
    } else ended.resolve({ code: child.exitCode, signal: child.signalCode });
  });
  if (options.detach) child.unref();
  return {
    pid: child.pid ?? 0,
    send: (request) => tell(child, request),
    release: () => {
      letGo(child);
      // A host that ends doesn't wait for a process that continues without it.
      child.unref();
    },
    kill: () => child.kill('SIGKILL'),
    ...{ running: running.promise, ended: ended.promise },
  };
}

function spawnTrainer({ home, runId, config, detach = false }: TrainerOptions, log: number): ChildProcess {
  const threads = { intraOpThreads: config.engine.intra_op_threads, interOpThreads: config.engine.inter_op_threads };
  const node = nodeProgram();
  return spawn(
    node.path,
    ['--enable-source-maps', entryPath('trainer'), home, runId, ...(detach ? ['--detached'] : [])],
    {
      stdio: detach ? ['ignore', log, log] : ['ignore', log, log, 'ipc'],
      detached: true,
      env: {
        ...process.env,
        ...engineEnvironment(threads),
        ...gpuEnvironment(),
        ...node.env,
      },
    },
  );
}
