/** Starts the processes that work on a search or a study. They notice by themselves when their host is gone. */
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { entryPath } from '../../base/entry';
import { makeFolder } from '../../base/make-folder';
import { gpuEnvironment } from '../../engine/backend/environment';
import { onEnd, started } from './child-process';
import { nodeProgram } from './node-process';

/** Each program's task, and the folder of its logs. */
const WORK = {
  searcher: { what: 'the search', folder: 'searches' },
  studier: { what: 'the study', folder: 'studies' },
} as const;

export interface WorkerProcess {
  /** Resolves when the process has ended. */
  ended: Promise<void>;
  /** Asks the process to save its results and to end. */
  stop: () => void;
  kill: () => void;
}

/**
 * @param id of what it works on
 * @param detach whether the process continues when this one ends
 * @throws AppError io where the system can start no process
 */
export function startWorker(program: keyof typeof WORK, home: string, id: string, detach: boolean): WorkerProcess {
  const { what, folder } = WORK[program];
  makeFolder(join(home, folder));
  const log = openSync(join(home, folder, `${id}.log`), 'a');
  const { path, env } = nodeProgram();
  try {
    const child = started(what, () =>
      spawn(path, ['--enable-source-maps', entryPath(program), home, id, ...(detach ? ['--detached'] : [])], {
        stdio: detach ? ['ignore', log, log] : ['ignore', log, log, 'ipc'],
        detached: true,
        env: { ...process.env, ...gpuEnvironment(), ...env },
      }),
    );
    if (detach) child.unref();
    return {
      ended: new Promise((resolve) => onEnd(child, () => resolve())),
      stop: () => void child.kill('SIGTERM'),
      kill: () => void child.kill('SIGKILL'),
    };
  } finally {
    closeSync(log);
  }
}
