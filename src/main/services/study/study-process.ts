/** Starts the process that works on a study. It notices by itself when its host is gone. */
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { entryPath } from '../../base/entry';
import { makeFolder } from '../../base/make-folder';
import { gpuEnvironment } from '../../engine/backend/environment';
import { onEnd, started } from '../processes/child-process';
import { nodeProgram } from '../processes/node-process';

export interface StudyProcess {
  /** Resolves when the process has ended. */
  ended: Promise<void>;
  /** Asks the process to save its results and to end. */
  stop: () => void;
  kill: () => void;
}

/**
 * @param detach whether the process continues when this one ends
 * @throws AppError io where the system can start no process
 */
export function startStudyProcess(home: string, id: string, detach: boolean): StudyProcess {
  makeFolder(join(home, 'studies'));
  const log = openSync(join(home, 'studies', `${id}.log`), 'a');
  const { path, env } = nodeProgram();
  try {
    const child = started('the study', () =>
      spawn(path, ['--enable-source-maps', entryPath('studier'), home, id, ...(detach ? ['--detached'] : [])], {
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
