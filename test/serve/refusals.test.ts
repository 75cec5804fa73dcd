/** The connections and requests that `serve` refuses. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect, startServe, type Client, type Served } from '../support/serve';
import { temporary } from '../support/training';

let served: Served;
let window: Client;
let allowed: string;
let outside: string;

beforeAll(async () => {
  [allowed, outside] = [temporary('allowed'), temporary('outside')];
  mkdirSync(join(allowed, 'photos', 'cat'), { recursive: true });
  writeFileSync(join(allowed, 'photos', 'weights.safetensors'), 'x');
  writeFileSync(join(outside, 'secret.txt'), 'x');
  symlinkSync(outside, join(allowed, 'photos', 'way-out'));
  served = await startServe(temporary('refusals'), ['--allow', allowed]);
  window = await connect(served, { hello: { type: 'hello', token: served.token } });
});
afterAll(async () => {
  window.close();
  await served.close();
});

/** Sends a request that no client library would send. @returns the first line of the answer and its headers */
function raw(lines: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    const socket = createConnection(served.port, '127.0.0.1', () => socket.write(`${lines.join('\r\n')}\r\n\r\n`));
    socket.on('data', (bytes: Buffer) => (said += bytes.toString('latin1')));
    socket.on('close', () => resolve(said));
    socket.on('error', reject);
  });
}

const request = (
  path: string,
  { method = 'GET', host = `127.0.0.1:${served.port}`, more = [] as string[] } = {},
): Promise<string> => raw([`${method} ${path} HTTP/1.1`, `Host: ${host}`, 'Connection: close', ...more]);

const hello = (): { type: string; session: string } => ({ type: 'hello', session: window.session });

describe('files', () => {
  it('come with a strict policy', async () => {
    const answer = await request('/');
    expect(answer).toMatch(/^HTTP\/1.1 200/);
    const policy = /Content-Security-Policy: (.*)\r/.exec(answer)?.[1] ?? '';
    expect(policy).toContain("default-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('unsafe');
    expect(answer).toContain('X-Content-Type-Options: nosniff');
    expect(answer).toContain('Referrer-Policy: no-referrer');
    expect(answer).not.toMatch(/Access-Control-Allow-Origin/i);
  });

  it.each(['evil.example', 'evil.example:8421', '127.0.0.1.evil.example', 'localhost.evil.example', '192.168.0.7', ''])(
    'are refused under the name %j',
    async (host) => expect(await request('/', { host })).toMatch(/^HTTP\/1.1 (403|400)/),
  );

  it('are given under localhost, which is what a tunnel is called', async () =>
    expect(await request('/', { host: 'localhost:9000' })).toMatch(/^HTTP\/1.1 200/));

  it('are refused to the page of another site', async () =>
    expect(await request('/', { more: ['Origin: https://evil.example'] })).toMatch(/^HTTP\/1.1 403/));

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])('are not touched by %s', async (method) => {
    const answer = await request('/', { method });
    expect(answer).toMatch(/^HTTP\/1.1 405/);
    expect(answer).toContain('Allow: GET, HEAD');
  });

  it.each([
    '/../../package.json',
    '/assets/../../../package.json',
    '/..%2f..%2fpackage.json',
    '/%2e%2e/%2e%2e/package.json',
    '/..%5c..%5cpackage.json',
    '//etc/passwd',
    '/assets/%00.js',
    '/%zz',
    '/out/main/cli.js',
  ])('outside the window are not there: %s', async (path) => {
    const answer = await request(path);
    expect(answer).toMatch(/^HTTP\/1.1 404/);
    expect(answer).not.toContain('efficienttrain-studio');
  });

  it('HEAD tells about a file without it', async () => {
    const answer = await request('/', { method: 'HEAD' });
    expect(answer).toMatch(/^HTTP\/1.1 200/);
    expect(answer.endsWith('\r\n\r\n')).toBe(true);
  });
});

describe('sockets', () => {
  it('are refused from the page of another site, even with a valid session', async () => {
    await expect(connect(served, { hello: hello(), headers: { Origin: 'https://evil.example' } })).rejects.toThrow(
      'HTTP 403',
    );
    await expect(connect(served, { hello: hello(), headers: { Origin: 'null' } })).rejects.toThrow('HTTP 403');
    // This is another program's page on the same machine.
    await expect(connect(served, { hello: hello(), headers: { Origin: 'http://127.0.0.1:1' } })).rejects.toThrow(
      'HTTP 403',
    );
  });

  it('are refused without an Origin', async () => {
    const answer = await request('/socket', {
      more: [
        'Upgrade: websocket',
        'Connection: Upgrade',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
      ],
    });
    expect(answer).toMatch(/^HTTP\/1.1 403/);
  });

  it('are refused under a foreign name', async () => {
    const headers = { Host: 'evil.example', Origin: 'http://evil.example' };
    await expect(connect(served, { hello: hello(), headers })).rejects.toThrow('HTTP 403');
  });

  it('are refused elsewhere than at their place', async () =>
    expect(connect(served, { hello: hello(), path: '/other' })).rejects.toThrow('HTTP 404'));

  it.each([
    ['nothing', {}, 'Open the address'],
    ['an empty session', { type: 'hello', session: '' }, 'Open the address'],
    ['a wrong session', { type: 'hello', session: 'AAAA' }, 'Open the address'],
    ['a wrong token', { type: 'hello', token: 'AAAA' }, 'earlier start'],
    ['a call before hello', { type: 'call', id: 1, name: 'runs.list', args: {} }, 'Open the address'],
    ['no object', 'hello', 'Open the address'],
  ])('are refused with %s', (_what, message, why) => expect(connect(served, { hello: message })).rejects.toThrow(why));

  it('take a token once', async () => {
    await expect(connect(served, { hello: { type: 'hello', token: served.token } })).rejects.toThrow('used already');
  });

  it('take a session again: that is a reload', async () => {
    const again = await connect(served, { hello: hello() });
    expect(again.session).toBe(window.session);
    expect((await again.call('app.info', {})).host).toBe('serve');
    again.close();
  });

  it('are closed by what is no call, and answer a call that does not exist with an error', async () => {
    const other = await connect(served, { hello: hello() });
    await expect(other.call('app.nothing' as 'app.info', {})).rejects.toMatchObject({ code: 'usage' });
    await expect(other.call('runs.get', { run: 7 } as never)).rejects.toMatchObject({ code: 'usage' });
    other.send({ type: 'eval', code: '1' });
    expect(await other.closed).toBe(1008);
    // Other windows are not affected.
    expect((await window.call('app.info', {})).host).toBe('serve');
  });
});

describe('paths', () => {
  it('are browsed inside the allowed folders only, and links do not lead out', async () => {
    const top = await window.call('files.browse', { path: null });
    expect(top.folders).toEqual([{ name: allowed, path: allowed }]);
    const photos = await window.call('files.browse', { path: join(allowed, 'photos') });
    expect(photos.folders.map(({ name }) => name)).toEqual(['cat']);
    expect(photos.files).toEqual([
      { name: 'weights.safetensors', path: join(allowed, 'photos', 'weights.safetensors'), bytes: 1 },
    ]);
    expect(photos.parent).toBe(allowed);
    for (const path of ['/', '/etc', outside, join(allowed, '..'), join(allowed, 'photos', 'way-out'), `${allowed}x`])
      await expect(window.call('files.browse', { path })).rejects.toMatchObject({ code: 'usage' });
  });

  it('outside them can not be chosen, nor used unchosen', async () => {
    for (const path of [outside, join(allowed, 'photos', 'way-out'), join(allowed, 'photos', 'way-out', 'secret.txt')])
      await expect(window.call('files.choose', { path })).rejects.toMatchObject({ code: 'usage' });
    const scan = (source: string): Promise<unknown> => window.call('jobs.start', { kind: 'scan', args: { source } });
    await expect(scan(outside)).rejects.toThrow('was not picked');
    await expect(scan(join(allowed, 'photos'))).rejects.toMatchObject({ code: 'usage' });
    await window.call('files.choose', { path: join(allowed, 'photos') });
    await expect(scan(join(allowed, 'photos'))).resolves.toHaveProperty('job');
    await expect(scan(join(allowed, 'photos', 'way-out'))).rejects.toMatchObject({ code: 'usage' });
  });

  it('are neither picked nor shown by a dialog that is not there', async () => {
    await expect(window.call('files.pick', { what: 'folder', title: '' })).rejects.toMatchObject({ code: 'usage' });
    await expect(window.call('app.reveal', { path: '/etc' })).rejects.toMatchObject({ code: 'usage' });
  });
});

describe('the program', () => {
  it('prints where it is, how to come from elsewhere and what it shows; and ends in order when a window asks', async () => {
    const printed = served.printed();
    expect(printed).toContain(`ssh -N -L ${served.port}:127.0.0.1:${served.port} `);
    expect(printed).toContain(allowed);
    const other = await startServe(temporary('refusals-end'));
    const asking = await connect(other, { hello: { type: 'hello', token: other.token } });
    await asking.call('app.quit', { how: 'checkpoint' });
    expect(await other.ended).toBe(0);
    expect(other.printed()).toContain('Ended.');
  });

  it('is not started on a port that is taken, nor with a folder that is not there', async () => {
    await expect(startServe(temporary('taken'), ['--port', String(served.port)])).rejects.toThrow(
      /ended with 2:[\s\S]*Another program uses it/,
    );
    await expect(startServe(temporary('none'), ['--allow', join(allowed, 'none')])).rejects.toThrow(
      /ended with 2:[\s\S]*no such folder/,
    );
  });
});
