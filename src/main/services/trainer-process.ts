/**
 * Starts a trainer process and listens to it. The trainer has a process group of its own, so that Ctrl-C in the terminal reaches
 * only its host, which then asks it to stop; and it notices by itself when its host is gone.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { entryPath } from '../entry';
import { nodeProgram } from './node-process';
import { engineEnvironment, gpuEnvironment } from '../engine/backend/environment';
import type { TrainerMessage, TrainerRequest } from '../engine/train/protocol';
import { runFolder } from '../home';
import { AppError } from '../../shared/errors';
import type { RunConfig } from '../../shared/run-config';

export interface TrainerHandle {
  pid: number;
  /** @returns whether there still was somebody to hear it */
  send: (request: TrainerRequest) => boolean;
  /** Lets go: it saves a checkpoint and ends, or trains on where its run is to go on in the background. */
  release: () => void;
  /** At once, without a checkpoint. */
  kill: () => void;
  /** Settles when the process has ended. */
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

/** The last lines of the trainer's own output, for an error message. */
export function trainerLogTail(home: string, runId: string, lines = 12): string {
  return readFileSync(trainerLog(home, runId), 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
}

function openLog(home: string, runId: string): number {
  try {
    mkdirSync(runFolder(home, runId), { recursive: true });
    return openSync(trainerLog(home, runId), 'a');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new AppError(
      {
        code: code === 'ENOSPC' ? 'disk_full' : 'io',
        what: `The run's folder ${runFolder(home, runId)} can't be written.`,
        why: message,
        next: 'Make room or make it writable, then start the run again.',
      },
      { cause: error },
    );
  }
}

/** @throws AppError disk_full, io where the run's folder can't be written */
export function startTrainer({ home, runId, config, detach = false, onMessage }: TrainerOptions): TrainerHandle {
  const log = openLog(home, runId);
  const threads = { intraOpThreads: config.engine.intra_op_threads, interOpThreads: config.engine.inter_op_threads };
  const node = nodeProgram();
  const child: ChildProcess = spawn(
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
  closeSync(log);
  if (onMessage) child.on('message', (message) => onMessage(message as TrainerMessage));
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  if (detach) child.unref();
  return {
    pid: child.pid ?? 0,
    send: (request) => {
      if (child.connected) child.send(request);
      return child.connected;
    },
    release: () => {
      if (child.connected) child.disconnect();
      // A host that ends doesn't wait for what goes on without it.
      child.unref();
    },
    kill: () => child.kill('SIGKILL'),
    ended,
  };
}
