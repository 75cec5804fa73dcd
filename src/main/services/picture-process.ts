/**
 * Decodes pictures in a process of its own: a file that brings the decoder down takes no host with it, and an Electron host on Linux can't
 * decode at all (node-process.ts). Started by the first picture, ended when none is asked for.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { entryPath } from '../entry';
import { nodeProgram } from './node-process';

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

const IDLE_MS = 30_000;

let child: ChildProcess | null = null;
let idle: NodeJS.Timeout | null = null;
let next = 0;
const asked = new Map<number, Asked>();

/** @returns null for what is no readable image */
export function pictureOf(file: string, size: number): Promise<Buffer | null> {
  if (idle) clearTimeout(idle);
  idle = null;
  const process = (child ??= start());
  const id = ++next;
  const picture = new Promise<Buffer | null>((resolve, reject) => asked.set(id, { resolve, reject }));
  process.ref();
  process.channel?.ref();
  process.send({ id, file, size } satisfies PictureRequest);
  return picture;
}

function start(): ChildProcess {
  const { path, env } = nodeProgram();
  const started = fork(entryPath('pictures'), [], {
    ...{ execPath: path, execArgv: ['--enable-source-maps'], serialization: 'advanced', env: { ...process.env, ...env } },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  started.on('message', (message) => answered(started, message as PictureReply));
  started.on('exit', (code, signal) => {
    if (child === started) child = null;
    fail(new Error(`the picture process ended with ${signal ?? code}`));
  });
  return started;
}

function answered(from: ChildProcess, { id, picture, error }: PictureReply): void {
  const waiting = asked.get(id);
  asked.delete(id);
  if (error !== null) waiting?.reject(new Error(error));
  else waiting?.resolve(picture && Buffer.from(picture));
  if (asked.size > 0) return;
  // One that only waits must not keep its host alive.
  from.unref();
  from.channel?.unref();
  idle = setTimeout(() => {
    if (child === from) child = null;
    from.disconnect();
  }, IDLE_MS);
  idle.unref();
}

function fail(error: Error): void {
  for (const { reject } of asked.values()) reject(error);
  asked.clear();
}
