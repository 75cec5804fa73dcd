/** Serves the window over HTTP and one WebSocket, to a browser on this machine or at the other end of a tunnel. */
import { createServer, type Server, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { AppError } from '../../shared/errors';
import { LARGEST_MESSAGE } from '../../shared/largest-message';
import type { Core } from '../services/core/core';
import { WINDOW_HEADERS, windowFile } from '../services/core/window-files';
import { Connection } from './connection';
import { Doorkeeper } from './doorkeeper';
import { hostAllowed, originAllowed, socketOriginAllowed } from './origin';

export const ADDRESS = '127.0.0.1';
/** Number of windows that may be open at once, with sockets that are not admitted yet. */
const MOST_WINDOWS = 32;
const MOST_STRANGERS = 16;
/** A browser opens six connections for files, beside the sockets of its windows. */
const MOST_CONNECTIONS = 256;

export interface WindowServer {
  port: number;
  /** Returns an address that admits one window. */
  newAddress(): string;
  emit(topic: string, data: unknown): void;
  close(): Promise<void>;
}

export interface ServerOptions {
  core: Core;
  /** The port; 0: any that is free. */
  port: number;
  /** Whether to take another where this one is taken. */
  orAny: boolean;
  /** Called with the number of open windows when one has been admitted or has left. */
  onWindows?: (windows: number) => void;
}

const pathOf = (request: IncomingMessage): string => (request.url ?? '/').split('?')[0] as string;

function end(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { ...WINDOW_HEADERS, 'Content-Type': 'text/plain; charset=utf-8', Connection: 'close' });
  response.end(`${text}\n`);
}

async function serveFile(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (!hostAllowed(request) || !originAllowed(request)) return end(response, 403, 'Not from here.');
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('Allow', 'GET, HEAD');
    return end(response, 405, 'Only GET and HEAD.');
  }
  const file = await windowFile(pathOf(request));
  if (!file) return end(response, 404, 'There is no such file.');
  response.writeHead(200, { ...file.headers, 'Content-Length': file.bytes.length });
  response.end(request.method === 'HEAD' ? undefined : file.bytes);
}

function refuseUpgrade(socket: Duplex, status: string): void {
  socket.on('error', () => undefined);
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

/** Starts the server. @throws AppError usage where the port is taken */
export async function startServer({
  core,
  port,
  orAny,
  onWindows = () => undefined,
}: ServerOptions): Promise<WindowServer> {
  const doorkeeper = new Doorkeeper();
  const connections = new Set<Connection>();
  let strangers = 0;
  const server = createServer((request, response) => {
    serveFile(request, response).catch((error: unknown) => {
      console.error(error);
      if (response.headersSent) response.destroy();
      else end(response, 500, 'The file could not be read.');
    });
  });
  const sockets = new WebSocketServer({ noServer: true, maxPayload: LARGEST_MESSAGE, perMessageDeflate: false });
  server.on('upgrade', (request, socket, head) => {
    if (!hostAllowed(request) || !socketOriginAllowed(request)) return refuseUpgrade(socket, '403 Forbidden');
    if (pathOf(request) !== '/socket') return refuseUpgrade(socket, '404 Not Found');
    if (strangers >= MOST_STRANGERS || connections.size >= MOST_WINDOWS)
      return refuseUpgrade(socket, '503 Service Unavailable');
    sockets.handleUpgrade(request, socket, head, (opened) => {
      strangers++;
      const connection = new Connection(opened, socket, core, doorkeeper, () => {
        strangers--;
        connections.add(connection);
        onWindows(connections.size);
      });
      opened.on('close', () => {
        if (connections.delete(connection)) onWindows(connections.size);
        else strangers--;
      });
    });
  });
  server.maxConnections = MOST_CONNECTIONS;
  await listen(server, port).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EADDRINUSE' && orAny) return listen(server, 0);
    throw notThere(port, error);
  });
  const { port: bound } = server.address() as AddressInfo;
  return {
    port: bound,
    newAddress: () => `http://${ADDRESS}:${bound}/#token=${doorkeeper.newToken()}`,
    emit(topic, data) {
      for (const connection of connections) connection.topic(topic, data);
    },
    async close() {
      for (const connection of connections) connection.close();
      sockets.close();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

const listen = (server: Server, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, ADDRESS, () => {
      server.off('error', reject);
      resolve();
    });
  });

function notThere(port: number, error: NodeJS.ErrnoException): Error {
  if (error.code !== 'EADDRINUSE' && error.code !== 'EACCES') return error;
  return new AppError({
    code: 'usage',
    what: `Port ${port} can't be used.`,
    why: error.code === 'EACCES' ? 'The system reserves it.' : 'Another program uses it.',
    next: 'Choose another with --port, or leave it out to take one that is free.',
  });
}
