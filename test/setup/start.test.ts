/**
 * `npm start` with an Electron binary that is found, fetched or unavailable, with small fakes of its package, and its
 * behaviour without one.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { electronBinary, obtainElectron, whyNoWindow } from '../../bin/electron.mjs';
import { openWindow } from '../../bin/open-window.mjs';

const root = join(import.meta.dirname, '../..');

/** Makes node_modules/electron before its binary is there. @param download body of @electron/get's downloadArtifact */
function fakePackage(download = ''): string {
  const folder = join(mkdtempSync(join(tmpdir(), 'electron-')), 'electron');
  const get = join(folder, 'node_modules', '@electron', 'get');
  mkdirSync(get, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'electron', version: '45.0.1' }));
  writeFileSync(join(folder, 'checksums.json'), '{}');
  // Asking the package itself for its binary would start a hidden download.
  writeFileSync(join(folder, 'index.js'), `require('fs').writeFileSync(require('path').join(__dirname, 'asked'), '')`);
  writeFileSync(
    join(folder, 'install.js'),
    `const fs = require('fs'), { join } = require('path');
     fs.mkdirSync(join(__dirname, 'dist'));
     fs.writeFileSync(join(__dirname, 'dist', 'version'), 'v45.0.1');
     fs.writeFileSync(join(__dirname, 'dist', 'electron'), '');
     fs.writeFileSync(join(__dirname, 'path.txt'), 'electron');`,
  );
  writeFileSync(join(get, 'package.json'), JSON.stringify({ name: '@electron/get', main: 'index.js' }));
  writeFileSync(join(get, 'index.js'), `exports.downloadArtifact = async (options) => { ${download} };`);
  return folder;
}

function withBinary(folder: string, version = '45.0.1'): string {
  mkdirSync(join(folder, 'dist'));
  writeFileSync(join(folder, 'dist', 'version'), version);
  writeFileSync(join(folder, 'dist', 'electron'), '');
  writeFileSync(join(folder, 'path.txt'), 'electron');
  return folder;
}

const obtain = (folder: string, mayDownload = true): Promise<{ binary: string | null; why: string | null }> =>
  obtainElectron({ folder, node: process.execPath, mayDownload, log: () => undefined });

describe("Electron's binary", () => {
  it('is where its package says', () => {
    const folder = withBinary(fakePackage());
    expect(electronBinary(folder)).toBe(join(folder, 'dist', 'electron'));
  });

  it('is not there before it was fetched, nor where it is of another version', () => {
    expect(electronBinary(fakePackage())).toBeNull();
    expect(electronBinary(withBinary(fakePackage(), '44.0.0'))).toBeNull();
    expect(electronBinary(join(tmpdir(), 'no-such-folder'))).toBeNull();
  });

  it('is fetched once, by the package’s own downloader and install script', async () => {
    const folder = fakePackage(`
      require('fs').writeFileSync(require('path').join(__dirname, 'options.json'), JSON.stringify(options));
      options.downloadOptions.getProgressCallback({ transferred: 5e7, total: 1e8, percent: 0.5 });
      options.downloadOptions.getProgressCallback({ transferred: 1e8, total: 1e8, percent: 1 });`);
    expect(await obtain(folder)).toEqual({ binary: join(folder, 'dist', 'electron'), why: null });
    const options = JSON.parse(
      readFileSync(join(folder, 'node_modules', '@electron', 'get', 'options.json'), 'utf8'),
    ) as unknown;
    expect(options).toMatchObject({
      version: '45.0.1',
      artifactName: 'electron',
      checksums: {},
      platform: process.platform,
    });
    expect(existsSync(join(folder, 'asked'))).toBe(false);
  });

  it('is not fetched against the user’s will', async () => {
    const folder = fakePackage();
    expect(await obtain(folder, false)).toEqual({
      binary: null,
      why: expect.stringContaining('--no-download') as string,
    });
    expect(existsSync(join(folder, 'dist'))).toBe(false);
  });

  it('says why it could not be fetched', async () => {
    const { binary, why } = await obtain(
      fakePackage(`throw new Error('fetch failed', { cause: new Error('ENOTFOUND github.com') });`),
    );
    expect(binary).toBeNull();
    expect(why).toContain('ENOTFOUND github.com');
  });

  it('is given up where nothing comes', async () => {
    process.env['EFFICIENTTRAIN_SILENCE_MS'] = '300';
    try {
      const { binary, why } = await obtain(fakePackage('setInterval(() => {}, 1000); await new Promise(() => {});'));
      expect(binary).toBeNull();
      expect(why).toContain('nothing came for 0.3 s');
    } finally {
      delete process.env['EFFICIENTTRAIN_SILENCE_MS'];
    }
  });
});

describe('a window', () => {
  const env = { DISPLAY: ':0' };
  it('can be opened on a display by an ordinary user', () => {
    expect(whyNoWindow({ platform: 'linux', env, uid: 1000 })).toBeNull();
    expect(whyNoWindow({ platform: 'linux', env: { WAYLAND_DISPLAY: 'wayland-0' }, uid: 1000 })).toBeNull();
    expect(whyNoWindow({ platform: 'darwin', env: {}, uid: 501 })).toBeNull();
    expect(whyNoWindow({ platform: 'win32', env: {}, uid: undefined })).toBeNull();
  });

  it('can’t without a display, nor as root', () => {
    expect(whyNoWindow({ platform: 'linux', env: {}, uid: 1000 })).toContain('no display');
    expect(whyNoWindow({ platform: 'linux', env, uid: 0 })).toContain('root');
  });
});

describe('a window that is opened', () => {
  /** @returns why it did not open, or the code that the process ended with */
  const opened = (code: string, startingMs?: number): Promise<string | number> =>
    new Promise((resolve) => {
      const exit = (status?: unknown): never => resolve(Number(status)) as never;
      void openWindow(process.execPath, ['-e', code], { startingMs, exit }).then(resolve);
    });

  it('ends the start when it is closed', async () => {
    expect(await opened('')).toBe(0);
  });

  it('is served instead where Electron ends as it starts, with its own last words', async () => {
    const missing = 'error while loading shared libraries: libgtk-3.so.0';
    expect(await opened(`console.error('first\\n${missing}'); process.exit(127)`)).toBe(
      `Electron ended as it started (${missing})`,
    );
    expect(await opened(`process.kill(process.pid, 'SIGTRAP')`)).toBe('Electron ended as it started (SIGTRAP)');
  });

  it('is served instead where the binary can’t be run at all', async () => {
    expect(await openWindow(join(root, 'no-such-binary'), [])).toContain('could not be started');
  });

  it('is not opened a second time in a browser where the program has said why it can’t start, nor after a crash later', async () => {
    expect(await opened('process.exit(3)')).toBe(1);
    expect(await opened('process.exit(1)', -1)).toBe(1);
  });
});

describe('npm start without a display', () => {
  it('serves the window, says why, and prints the address', async () => {
    const { DISPLAY: _display, WAYLAND_DISPLAY: _wayland, ...env } = process.env;
    const home = mkdtempSync(join(tmpdir(), 'start-'));
    const args = [join(root, 'bin/start.mjs'), '--no-download', '--port', '0', '--home', home];
    const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const ended = once(child, 'exit');
    let said = '';
    child.stdout.on('data', (bytes: Buffer) => (said += bytes.toString()));
    child.stderr.on('data', (bytes: Buffer) => (said += bytes.toString()));
    await expect.poll(() => said, { timeout: 60_000 }).toMatch(/http:\/\/127\.0\.0\.1:\d+\/#token=/);
    if (process.platform === 'linux') expect(said).toContain('because this machine has no display');
    child.kill('SIGTERM');
    await ended;
  });

  it('never lets a page out of its cage by itself', () => {
    for (const name of ['start.mjs', 'electron.mjs', 'open-window.mjs', 'launch.mjs']) {
      const code = readFileSync(join(root, 'bin', name), 'utf8').replace(/^\s*(\/\/|\*).*$/gm, '');
      expect(code).not.toContain('--no-sandbox');
    }
  });
});
