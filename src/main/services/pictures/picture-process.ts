/**
 * Decodes pictures in a process of its own: a file that crashes the decoder takes no host with it, and an Electron host
 * on Linux can't decode at all (node-process.ts). The first picture starts it, and it ends when none is asked for.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { entryPath } from '../../base/entry';
import { letGo, notStarted, onEnd, started, tell } from '../processes/child-process';
import { nodeProgram } from '../processes/node-process';

export interface PictureRequest {
  id: number;
  file: string;
  size: number;
}

export interface PictureReply {
  id: number;
  picture: Uint8Array | null;
  error: string | null;
}

interface Asked {
  resolve: (picture: Buffer | null) => void;
  reject: (error: Error) => void;
}

interface Running {
  process: ChildProcess;
  asked: Map<number, Asked>;
}

const IDLE_MS = 30_000;

let current: Running | null = null;
let idle: NodeJS.Timeout | null = null;
let next = 0;

/**
 * Decodes a picture. @returns null for a file that is no readable image @throws AppError io where the process could not
 * be started
 */
export function pictureOf(file: string, size: number): Promise<Buffer | null> {
  if (idle) clearTimeout(idle);
  idle = null;
  const { process, asked } = (current ??= start());
  const id = ++next;
  const picture = new Promise<Buffer | null>((resolve, reject) => asked.set(id, { resolve, reject }));
  process.ref();
  process.channel?.ref();
  tell(process, { id, file, size } satisfies PictureRequest);
  return picture;
}

function start(): Running {
  const { path, env } = nodeProgram();
  const process = started('pictures', () =>
    fork(entryPath('pictures'), [], {
      ...{
        execPath: path,
        execArgv: ['--enable-source-maps'],
        serialization: 'advanced',
        env: { ...globalThis.process.env, ...env },
      },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    }),
  );
  const running: Running = { process, asked: new Map() };
  process.on('message', (message) => answered(running, message as PictureReply));
  process.on('disconnect', () => {
    forget(running);
    // It will never answer what it has not answered by now.
    if (running.asked.size) process.kill('SIGKILL');
  });
  onEnd(process, (how) => {
    forget(running);
    const error =
      process.pid === undefined ? notStarted('pictures', how) : new Error(`the picture process ended with ${how}`);
    for (const { reject } of running.asked.values()) reject(error);
    running.asked.clear();
  });
  return running;
}

function answered(running: Running, { id, picture, error }: PictureReply): void {
  const { process, asked } = running;
  const waiting = asked.get(id);
  asked.delete(id);
  if (error !== null) waiting?.reject(new Error(error));
  else waiting?.resolve(picture && Buffer.from(picture));
  if (asked.size > 0) return;
  // A process that only waits must not keep its host alive.
  process.unref();
  process.channel?.unref();
  if (idle) clearTimeout(idle);
  idle = setTimeout(() => {
    forget(running);
    letGo(process);
  }, IDLE_MS);
  idle.unref();
}

/** Stops asking a process that is about to end: the next picture starts another. */
function forget(running: Running): void {
  if (current === running) current = null;
}
