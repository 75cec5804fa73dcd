/**
 * Electron's security checklist (electronjs.org/docs/latest/tutorial/security), item by item, on the built program
 * wherever it can be checked.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { electronFuses } from '../../electron-builder.config.mjs';
import { isOwn, isOwnFrame } from '../../src/main/desktop/origin';
import { openDesktop, type DesktopApp } from '../e2e/support/desktop';

const root = join(import.meta.dirname, '../..');

/** Returns the sources of the processes that use Electron, without comments. */
function sources(folder: string): string {
  const files = readdirSync(join(root, folder), { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return files
    .map(({ parentPath, name }) =>
      readFileSync(join(parentPath, name), 'utf8').replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, ''),
    )
    .join('\n');
}

const shell = sources('src/main/desktop') + sources('src/preload');

describe("Electron's security checklist", () => {
  let app: DesktopApp;
  let preferences: Record<string, unknown>;
  beforeAll(async () => {
    app = await openDesktop();
    app.expectComplaints(/./);
    preferences = await app.electron.evaluate(
      ({ BrowserWindow }) =>
        (
          BrowserWindow.getAllWindows()[0]?.webContents as unknown as { getLastWebPreferences(): object }
        ).getLastWebPreferences() as Record<string, unknown>,
    );
  });
  afterAll(() => app.close());

  const inPage = <T>(run: () => T | Promise<T>): Promise<T> => app.page.evaluate(run) as Promise<T>;

  it('1. loads only secure content: nothing but its own files', async () => {
    const loaded = await inPage(async () => {
      const reached = async (url: string): Promise<boolean> =>
        fetch(url).then(
          () => true,
          () => false,
        );
      return {
        own: await reached('./index.html'),
        far: [
          await reached('https://example.com/'),
          await reached('http://127.0.0.1:1/'),
          await reached('file:///etc/passwd'),
        ],
        secure: window.isSecureContext,
        elsewhere: performance
          .getEntriesByType('resource')
          .filter(({ name }) => new URL(name).origin !== location.origin).length,
      };
    });
    expect(loaded).toEqual({ own: true, far: [false, false, false], secure: true, elsewhere: 0 });
  });

  it('2. gives pages no Node', async () => {
    expect(preferences['nodeIntegration']).toBe(false);
    expect(preferences['nodeIntegrationInWorker'] ?? false).toBe(false);
    expect(preferences['nodeIntegrationInSubFrames'] ?? false).toBe(false);
    expect(
      await inPage(() => ['require', 'process', 'module', 'Buffer', 'global'].filter((name) => name in window)),
    ).toEqual([]);
  });

  it('3. isolates the preload’s context', async () => {
    expect(preferences['contextIsolation']).toBe(true);
    expect(await inPage(() => Object.isFrozen((window as unknown as { studio: object }).studio))).toBe(true);
  });

  it('4. sandboxes every process', () => {
    expect(preferences['sandbox']).toBe(true);
    expect(shell).toContain('app.enableSandbox()');
    expect(shell).not.toMatch(/no-sandbox|sandbox: false/);
  });

  it('5. refuses every permission but that of its own page to copy', async () => {
    const answers = await app.electron.evaluate(({ session }) => {
      const own = session.defaultSession as unknown as {
        permissionRequest(
          contents: unknown,
          permission: string,
          decide: (granted: boolean) => void,
          details: { requestingUrl: string },
        ): void;
        permissionCheck(contents: unknown, permission: string, origin: string): boolean;
      };
      const granted = (permission: string, page: string, origin: string): (boolean | null)[] => {
        let answer: boolean | null = null;
        own.permissionRequest(null, permission, (given) => (answer = given), { requestingUrl: page });
        return [answer, own.permissionCheck(null, permission, origin)];
      };
      const ours = ['app://studio/index.html', 'app://studio/'] as const;
      const others = ['media', 'geolocation', 'notifications', 'openExternal', 'clipboard-read', 'fullscreen', 'usb'];
      return {
        others: others.flatMap((permission) => granted(permission, ...ours)),
        foreign: granted('clipboard-sanitized-write', 'https://studio/', 'https://studio'),
        copy: granted('clipboard-sanitized-write', ...ours),
      };
    });
    expect(new Set([...answers.others, ...answers.foreign])).toEqual(new Set([false]));
    expect(answers.copy).toEqual([true, true]);
    expect(shell).toContain('setDevicePermissionHandler(() => false)');
  });

  it('6. keeps web security on', () => expect(preferences['webSecurity']).toBe(true));

  it('7. has a content security policy without a hole, on every answer', async () => {
    const policies = await inPage(async () => {
      const of = async (path: string): Promise<string | null> =>
        (await fetch(path)).headers.get('content-security-policy');
      return [await of('./index.html'), await of('./no-such-file.js')];
    });
    for (const policy of policies) {
      expect(policy).toContain("default-src 'self'");
      expect(policy).toContain("object-src 'none'");
      expect(policy).not.toMatch(/unsafe-|https?:|\*/);
    }
    const ran = await inPage(() => {
      const script = document.createElement('script');
      script.textContent = 'window.inlineRan = true';
      document.head.append(script);
      const style = document.createElement('style');
      style.textContent = 'body { --inline-style: 1 }';
      document.head.append(style);
      return ['inlineRan' in window, getComputedStyle(document.body).getPropertyValue('--inline-style')];
    });
    expect(ran).toEqual([false, '']);
  });

  it('8. allows no insecure content', () => {
    expect(preferences['allowRunningInsecureContent'] ?? false).toBe(false);
    expect(shell).not.toMatch(
      /allow-running-insecure-content|ignore-certificate-errors|setCertificateVerifyProc|certificate-error/,
    );
  });

  it('9. turns no experimental feature on', () => expect(preferences['experimentalFeatures'] ?? false).toBe(false));

  it('10. turns no Blink feature on', () => {
    expect(preferences['enableBlinkFeatures']).toBeUndefined();
    expect(shell).not.toContain('enableBlinkFeatures');
  });

  it('11. and 12. has no webview, so none with popups or unchecked options', async () => {
    expect(preferences['webviewTag'] ?? false).toBe(false);
    const prevented = await app.electron.evaluate(({ BrowserWindow }) => {
      let refused = false;
      const event = { preventDefault: () => (refused = true) };
      (BrowserWindow.getAllWindows()[0]?.webContents as unknown as NodeJS.EventEmitter).emit(
        'will-attach-webview',
        event,
        {},
        {},
      );
      return refused;
    });
    expect(prevented).toBe(true);
    expect(sources('src/renderer')).not.toMatch(/<webview|<iframe/);
  });

  it('13. goes nowhere else', async () => {
    const before = app.page.url();
    for (const url of [
      'https://example.com/',
      'file:///etc/passwd',
      'data:text/html,x',
      'javascript:document.title="gone"',
    ])
      await app.page.evaluate((to) => {
        const link = document.createElement('a');
        link.href = to;
        document.body.append(link);
        link.click();
        link.remove();
      }, url);
    await app.page.waitForTimeout(300);
    expect(app.page.url()).toBe(before);
    expect(await app.page.title()).toBe('EfficientTrain Studio');
  });

  it('14. opens no other window', async () => {
    await inPage(() => void window.open('./index.html', '_blank'));
    // A window would appear within this time.
    await app.page.waitForTimeout(500);
    await expect.poll(() => app.page.context().pages().length).toBe(1);
    expect(await app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1);
  });

  it('15. hands nothing to openExternal, and opens no file', () => {
    expect(shell).not.toMatch(/openExternal|openPath|ShellExecute/);
  });

  it('16. uses a current Electron', () => {
    const { version } = JSON.parse(readFileSync(join(root, 'node_modules/electron/package.json'), 'utf8')) as {
      version: string;
    };
    expect(Number(version.split('.')[0])).toBeGreaterThanOrEqual(45);
  });

  it('17. answers only its own window', async () => {
    expect(isOwnFrame({ url: 'app://studio/index.html#/runs', parent: null })).toBe(true);
    expect(isOwnFrame({ url: 'app://studio/index.html', parent: {} })).toBe(false);
    expect(isOwnFrame(null)).toBe(false);
    for (const url of [
      'app://studio.evil/index.html',
      'https://studio/',
      'app://evil/',
      'file:///app/studio',
      'about:blank',
      '',
    ])
      expect(isOwn(url), url).toBe(false);
    // Every channel of the program is called as a foreign frame would.
    const refused = await app.electron.evaluate(async ({ ipcMain }) => {
      const { invoked } = ipcMain as unknown as {
        invoked(channel: string, event: unknown, args: unknown[]): Promise<unknown>;
      };
      const strangers = [{ url: 'https://example.com/', parent: null }, { url: 'app://studio/', parent: {} }, null];
      const answers: string[] = [];
      for (const channel of ['studio:call', 'studio:dropped'])
        for (const senderFrame of strangers)
          answers.push(
            await invoked.call(ipcMain, channel, { senderFrame }, ['app.info', {}]).then(
              () => 'answered',
              () => 'refused',
            ),
          );
      return answers;
    });
    expect(refused).toEqual(Array(6).fill('refused'));
    expect(shell.match(/ipcMain\.(handle|on)\w*\(/g)).toHaveLength(
      shell.match(/refuseStrangers\(event\)/g)?.length ?? 0,
    );
  });

  it('18. serves its own scheme and no file, and nothing outside its folder', async () => {
    expect(app.page.url().startsWith('file:')).toBe(false);
    expect(shell).not.toMatch(/loadFile|file:\/\//);
    const outside = await app.electron.evaluate(async ({ session }) => {
      const answer = (
        session.defaultSession.protocol as unknown as { answers: Map<string, (request: Request) => Promise<Response>> }
      ).answers.get('app');
      const paths = [
        '/../main/index.js',
        '/%2e%2e/main/index.js',
        '/..%2fmain%2findex.js',
        '/%2fetc%2fpasswd',
        '/assets/%00.js',
        '/%',
        '/../../package.json',
      ];
      return Promise.all(paths.map(async (path) => (await answer?.(new Request(`app://studio${path}`)))?.status));
    });
    expect(outside).toEqual(Array(7).fill(404));
  });

  it('19. has decided on every fuse', () => {
    expect(electronFuses).toMatchObject({
      enableNodeOptionsEnvironmentVariable: false,
      enableNodeCliInspectArguments: false,
      enableEmbeddedAsarIntegrityValidation: true,
      onlyLoadAppFromAsar: true,
      grantFileProtocolExtraPrivileges: false,
    });
  });

  it('20. shows pages no API of Electron', async () => {
    const shown = await inPage(() => {
      const { studio } = window as unknown as { studio: Record<string, unknown> };
      return {
        studio: Object.keys(studio).sort(),
        kinds: [...new Set(Object.values(studio).map((member) => typeof member))],
        others: ['electron', 'ipcRenderer', 'webUtils', 'contextBridge'].filter((name) => name in window),
      };
    });
    expect(shown).toEqual({ studio: ['call', 'dropped', 'on'], kinds: ['function'], others: [] });
    expect(sources('src/preload').match(/ipcRenderer\.\w+\(\s*'[^']+'/g)).toHaveLength(
      sources('src/preload').match(/ipcRenderer\.\w+/g)?.length ?? 0,
    );
  });

  it('and the window’s arguments are parsed on the other side', async () => {
    const reply = await inPage(() =>
      (window as unknown as { studio: { call(name: string, args: unknown): Promise<unknown> } }).studio.call(
        'runs.get',
        {
          run: 1,
          more: true,
        },
      ),
    );
    expect(reply).toMatchObject({ ok: false, error: { code: 'usage' } });
  });
});
