/** Starts the process that makes a search's trials. It notices by itself when its host is gone. */
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { entryPath } from '../../base/entry';
import { makeFolder } from '../../base/make-folder';
import { gpuEnvironment } from '../../engine/backend/environment';
import { onEnd, started } from '../processes/child-process';
import { nodeProgram } from '../processes/node-process';

const searcherLog = (home: string, id: string): string => join(home, 'searches', `${id}.log`);

/**
 * @param detach whether the process continues when this one ends
 * @returns resolves when the process has ended
 * @throws AppError io where the system can start no process
 */
export function startSearcher(home: string, id: string, detach: boolean): Promise<void> {
  makeFolder(join(home, 'searches'));
  const log = openSync(searcherLog(home, id), 'a');
  const { path, env } = nodeProgram();
  try {
    const child = started('the search', () =>
      spawn(path, ['--enable-source-maps', entryPath('searcher'), home, id, ...(detach ? ['--detached'] : [])], {
        stdio: detach ? ['ignore', log, log] : ['ignore', log, log, 'ipc'],
        detached: true,
        env: { ...process.env, ...gpuEnvironment(), ...env },
      }),
    );
    if (detach) child.unref();
    return new Promise((resolve) => onEnd(child, () => resolve()));
  } finally {
    closeSync(log);
  }
}
