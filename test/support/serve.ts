/** Runs `efficienttrain serve` as a process, and the window's side of its socket without a window. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import WebSocket from 'ws';
import type { Args, CallName, Reply, Result } from '../../src/shared/contract';
import { AppError } from '../../src/shared/errors';
import { entryPath } from '../../src/main/base/entry';

const START_MS = 20_000;
const ADDRESS = /http:\/\/127\.0\.0\.1:(\d+)\/#token=([\w-]+)/;

export interface Served {
  address: string;
  port: number;
  token: string;
  child: ChildProcess;
  printed: () => string;
  /** Resolves to its exit code once it has ended. */
  ended: Promise<number | null>;
  /** Ends the process as Ctrl-C does. */
  close: () => Promise<void>;
}

export async function startServe(
  home: string,
  args: readonly string[] = [],
  env: Record<string, string> = {},
): Promise<Served> {
  const child = spawn(process.execPath, [entryPath('cli'), 'serve', '--port', '0', '--home', home, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  let said = '';
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  const [address = '', port, token = ''] = await new Promise<RegExpExecArray>((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`serve printed no address within ${START_MS} ms:\n${said}`)),
      START_MS,
    );
    const listen = (bytes: Buffer): void => {
      said += bytes.toString();
      const found = ADDRESS.exec(said);
      if (!found) return;
      clearTimeout(timer);
      resolve(found);
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    void ended.then((code) => reject(new Error(`serve ended with ${code}:\n${said}`)));
  });
  return {
    ...{ address, port: Number(port), token, child, ended, printed: () => said },
    async close() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGINT');
      await ended;
    },
  };
}

export interface Client {
  session: string;
  /** @throws AppError the host's answer */
  call: <N extends CallName>(name: N, args: Args<N>) => Promise<Result<N>>;
  topics: { topic: string; data: unknown }[];
  /** Resolves when the host has closed the socket. */
  closed: Promise<number>;
  send: (message: unknown) => void;
  close: () => void;
}

export interface ConnectOptions {
  hello: unknown;
  /** Headers of the upgrade that differ from a window's. */
  headers?: Record<string, string>;
  path?: string;
}

/** Connects as a window does. @throws Error `refused: ...` with the host's message or the HTTP status */
export async function connect(
  { port }: Pick<Served, 'port'>,
  { hello, headers = {}, path = '/socket' }: ConnectOptions,
): Promise<Client> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, {
    headers: { Origin: `http://127.0.0.1:${port}`, ...headers },
  });
  const waiting = new Map<number, (reply: Reply<CallName>) => void>();
  const topics: Client['topics'] = [];
  const closed = once(socket, 'close').then(([code]) => code as number);
  let last = 0;
  const session = await new Promise<string>((resolve, reject) => {
    const refused = (why: string): void => reject(new Error(`refused: ${why}`));
    socket.on('unexpected-response', (_request, { statusCode }) => refused(`HTTP ${statusCode}`));
    socket.on('error', reject);
    socket.on('open', () => socket.send(JSON.stringify(hello)));
    socket.on('message', (data) => {
      const message = JSON.parse(String(data)) as
        | { type: 'welcome'; session: string }
        | { type: 'refused'; why: string }
        | { type: 'topic'; topic: string; data: unknown }
        | { type: 'reply'; id: number; reply: Reply<CallName> };
      if (message.type === 'welcome') resolve(message.session);
      else if (message.type === 'refused') refused(message.why);
      else if (message.type === 'topic') topics.push(message);
      else waiting.get(message.id)?.(message.reply);
    });
  });
  return {
    ...{
      session,
      topics,
      closed,
      send: (message) => socket.send(JSON.stringify(message)),
      close: () => socket.close(),
    },
    async call<N extends CallName>(name: N, args: Args<N>) {
      const id = ++last;
      const answer = new Promise<Reply<CallName>>((resolve) => waiting.set(id, resolve));
      socket.send(JSON.stringify({ type: 'call', id, name, args }));
      const reply = await answer;
      if (!reply.ok) throw new AppError(reply.error);
      return reply.value as Result<N>;
    },
  };
}
