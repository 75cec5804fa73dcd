/** The window's own transport through a tunnel that breaks between a call and its reply. */
import { createConnection, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import WebSocket from 'ws';
import { databasePath } from '../../src/main/base/home';
import type { Dataset } from '../../src/main/store/datasets';
import { openStore } from '../../src/main/store/open';
import type { SocketTransport } from '../../src/renderer/api/transport-socket';
import { startServe, type Served } from '../support/serve';
import { importFolder, smallSample, temporary } from '../support/training';

class Tunnel {
  /** Whether the tunnel drops all replies. */
  mute = false;
  private readonly sockets = new Set<Socket>();
  private readonly server: Server;

  constructor(to: number) {
    this.server = createServer((near) => {
      const far = createConnection(to, '127.0.0.1');
      for (const [socket, other] of [
        [near, far],
        [far, near],
      ] as const) {
        this.sockets.add(socket);
        socket.on('error', () => undefined);
        socket.on('close', () => other.destroy());
      }
      near.on('data', (bytes) => far.write(bytes));
      far.on('data', (bytes) => void (this.mute || near.write(bytes)));
    });
  }

  open(): Promise<number> {
    return new Promise((resolve) => {
      this.server.listen(0, '127.0.0.1', () => resolve((this.server.address() as AddressInfo).port));
    });
  }

  cut(): void {
    for (const socket of this.sockets) socket.destroy();
    this.sockets.clear();
  }

  close(): void {
    this.cut();
    this.server.close();
  }
}

/** A socket like a browser's, with the page's origin. */
class PageSocket extends WebSocket {
  constructor(url: string) {
    super(url, { headers: { Origin: new URL(url).origin.replace('ws', 'http') } });
    this.on('error', () => undefined);
    opened.push(this);
  }
}

const home = temporary('lost-tunnel');
let opened: WebSocket[] = [];
let dataset: Dataset;
let served: Served;
let tunnel: Tunnel;
let host: string;

/** Opens a page at the printed address, or a reloaded one. */
async function page(hash: string): Promise<SocketTransport> {
  vi.resetModules();
  vi.stubGlobal('location', { protocol: 'http:', host, hash, pathname: '/' });
  const { SocketTransport: Transport } = await import('../../src/renderer/api/transport-socket');
  return new Transport();
}

beforeEach(async () => {
  dataset ??= await importFolder(home, smallSample(temporary('lost-tunnel-data'), 8));
  served = await startServe(home);
  tunnel = new Tunnel(served.port);
  host = `127.0.0.1:${await tunnel.open()}`;
  const stored = new Map<string, string>();
  vi.stubGlobal('WebSocket', PageSocket);
  vi.stubGlobal('history', { replaceState: () => undefined });
  vi.stubGlobal('sessionStorage', {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => stored.set(key, value),
  });
});

afterEach(async () => {
  for (const socket of opened) {
    // Without this handler it doesn't reconnect.
    socket.onclose = null;
    socket.terminate();
  }
  opened = [];
  tunnel.close();
  await served.close();
  vi.unstubAllGlobals();
});

function countOf(table: 'runs' | 'drafts'): number {
  const store = openStore(databasePath(home));
  const count = store.prepare(`SELECT count(*) FROM ${table}`).pluck().get() as number;
  store.close();
  return count;
}

const draft = (): unknown => ({
  dataset: dataset.id,
  model: 'resnet_micro',
  preset: 'constant',
  size: 32,
  equivalent_epochs: 1,
});

describe('a tunnel that comes back', () => {
  it('brings word of all that may have changed meanwhile', async () => {
    const transport = await page(`#token=${served.token}`);
    const told: string[] = [];
    transport.onTopic((topic) => told.push(topic));
    await transport.call('app.info', {});
    expect(told).toEqual([]);
    tunnel.cut();
    await expect.poll(() => told, { timeout: 10_000 }).toEqual(['store', 'jobs', 'settings', 'troubles']);
  });
});

describe('a tunnel that breaks between a call and its reply', () => {
  it('makes one run of one start, and gives its reply', async () => {
    const transport = await page(`#token=${served.token}`);
    await transport.call('app.info', {});
    const before = countOf('runs');
    tunnel.mute = true;
    const reply = transport.call('plans.start', { draft: draft(), draft_id: null, queue: true });
    await expect.poll(() => countOf('runs')).toBe(before + 1);
    tunnel.cut();
    tunnel.mute = false;
    const answer = await reply;
    expect(answer).toMatchObject({ ok: true, value: { run: expect.any(String) as string } });
    await transport.call('app.info', {});
    expect(countOf('runs')).toBe(before + 1);
  });

  it('twice in a row, in the middle of several calls: each is made once', async () => {
    const transport = await page(`#token=${served.token}`);
    await transport.call('app.info', {});
    const before = countOf('drafts');
    tunnel.mute = true;
    const replies = [1, 2, 3].map((seed) => transport.call('drafts.create', { body: { seed } }));
    await expect.poll(() => countOf('drafts')).toBe(before + 3);
    tunnel.cut();
    // It reconnects, but replies are still dropped.
    await expect.poll(() => opened.length).toBe(2);
    await new Promise((resolve) => setTimeout(resolve, 500));
    tunnel.cut();
    tunnel.mute = false;
    const ids = (await Promise.all(replies)).map((reply) =>
      reply.ok ? (reply.value as { id: string }).id : reply.error,
    );
    expect(new Set(ids).size).toBe(3);
    expect(countOf('drafts')).toBe(before + 3);
  });

  it('a page that was reloaded makes its own calls, though it has the same session', async () => {
    const first = await page(`#token=${served.token}`);
    const before = countOf('drafts');
    await first.call('drafts.create', { body: {} });
    const second = await page('#/');
    expect(await second.call('drafts.create', { body: {} })).toMatchObject({ ok: true });
    expect(countOf('drafts')).toBe(before + 2);
  });
});
