/** The host's resources that a socket may use before it is admitted, and afterwards. */
import { randomBytes } from 'node:crypto';
import { createConnection, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { LARGEST_MESSAGE } from '../../src/shared/largest-message';
import { connect, startServe, type Client, type Served } from '../support/serve';
import { temporary } from '../support/training';

let served: Served;
let window: Client;
beforeAll(async () => {
  served = await startServe(temporary('limits'));
  window = await connect(served, { hello: { type: 'hello', token: served.token } });
});
afterAll(async () => {
  window.close();
  await served.close();
});

const stranger = (): WebSocket => {
  const socket = new WebSocket(`ws://127.0.0.1:${served.port}/socket`, {
    headers: { Origin: `http://127.0.0.1:${served.port}` },
  });
  socket.on('error', () => undefined);
  return socket;
};
const opened = (socket: WebSocket): Promise<boolean> =>
  new Promise((resolve) => {
    socket.on('open', () => resolve(true));
    socket.on('error', () => resolve(false));
  });
const closed = (socket: WebSocket): Promise<number> => new Promise((resolve) => socket.on('close', resolve));

/** Opens an upgraded socket without a client library, so that a message can be announced and not sent. */
function raw(): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(served.port, '127.0.0.1');
    const host = `127.0.0.1:${served.port}`;
    socket.write(
      `GET /socket HTTP/1.1\r\nHost: ${host}\r\nOrigin: http://${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
    );
    socket.once('data', () => resolve(socket));
    socket.on('error', reject);
  });
}

/** Returns the head of a masked text frame. */
function announced(bytes: number): Buffer {
  const head = Buffer.alloc(14);
  head[0] = 0x81;
  head[1] = 0xff;
  head.writeBigUInt64BE(BigInt(bytes), 2);
  return head;
}

describe('before hello', () => {
  it('a message beyond 4 kB ends the socket, a hello of less does not', async () => {
    const large = stranger();
    await opened(large);
    large.send(JSON.stringify({ type: 'hello', token: 'x'.repeat(8000) }));
    expect(await closed(large)).toBe(1009);
    const again = await connect(served, { hello: { type: 'hello', session: window.session, more: 'x'.repeat(3000) } });
    again.close();
  });

  it('a message that is announced large is not collected', async () => {
    const socket = await raw();
    const ended = new Promise<void>((resolve) => socket.on('close', () => resolve()));
    socket.write(announced(200 * 2 ** 20));
    let sent = 0;
    const timer = setInterval(() => {
      socket.write(Buffer.alloc(1024));
      sent += 1024;
    }, 5);
    await ended;
    clearInterval(timer);
    // The message is refused after 4 kB. The socket then has two seconds to close, in which nothing is read.
    expect(sent).toBeLessThan(2 * 2 ** 20);
  });

  it('there are only so many sockets, and room again when they have gone', async () => {
    const many = Array.from({ length: 60 }, stranger);
    const results = await Promise.all(many.map(opened));
    expect(results.filter(Boolean).length).toBeGreaterThan(0);
    expect(results.filter(Boolean).length).toBeLessThanOrEqual(16);
    // Admitted windows are not affected.
    expect((await window.call('app.info', {})).host).toBe('serve');
    for (const socket of many) socket.terminate();
    await expect
      .poll(async () => {
        const socket = stranger();
        const isOpen = await opened(socket);
        socket.terminate();
        return isOpen;
      })
      .toBe(true);
  });
});

describe('a window', () => {
  it('may send photographs, and nothing without a bound', async () => {
    const other = await connect(served, { hello: { type: 'hello', session: window.session } });
    const images = [{ name: 'a', base64: 'A'.repeat(20 * 2 ** 20) }];
    await expect(other.call('jobs.start', { kind: 'predict', args: { run: 'none', images } })).resolves.toHaveProperty(
      'job',
    );
    other.send({ type: 'call', id: 99, name: 'x', args: 'A'.repeat(LARGEST_MESSAGE) });
    expect(await other.closed).toBe(1009);
    expect((await window.call('app.info', {})).host).toBe('serve');
  });
});
