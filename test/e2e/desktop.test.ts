/**
 * Features that the desktop has and a browser doesn't: native menu, dialogs, drops, a single instance, and a window
 * that returns to its last place.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { appRoot } from '../../src/main/base/entry';
import type { StudioBridge } from '../../src/preload';
import { temporary } from '../support/training';
import { call, clickMenu, openDesktop, type DesktopApp } from './support/desktop';

interface Failed {
  ok: boolean;
  error?: { what: string };
}

describe('the desktop', () => {
  const home = temporary('desktop');
  let app: DesktopApp;
  beforeAll(async () => {
    app = await openDesktop({ home });
  });
  afterAll(() => app.close());

  it('shows its window once its page is drawn', async () => {
    await expect
      .poll(() =>
        app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().map((window) => window.isVisible())),
      )
      .toEqual([true]);
  });

  it('has every command in its menu, and what is chosen there happens', async () => {
    const { electron, page } = app;
    await clickMenu(electron, 'go.runs');
    await expect.poll(() => page.url()).toMatch(/#\/runs$/);
    await clickMenu(electron, 'go.home');
    await expect.poll(() => page.url()).toMatch(/#\/$/);
    await clickMenu(electron, 'view.palette');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
  });

  it('speaks the chosen language in its menu, at once', async () => {
    const label = (): Promise<string | undefined> =>
      app.electron.evaluate(({ Menu }) => Menu.getApplicationMenu()?.getMenuItemById('go.runs')?.label);
    expect(await label()).toBe('Runs');
    await call(app.page, 'app.change', { language: 'zh' });
    await expect.poll(label).toBe('训练记录');
    await call(app.page, 'app.change', { language: 'en' });
    await expect.poll(label).toBe('Runs');
  });

  it('takes a folder that was picked in the dialog, and no other', async () => {
    const folder = temporary('picked');
    const scan = async (): Promise<Failed> =>
      (await call(app.page, 'jobs.start', { kind: 'scan', args: { source: folder, name: null } })) as Failed;
    expect((await scan()).ok).toBe(false);
    const asked = await app.electron.evaluateHandle(({ dialog }, picked) => {
      const seen: unknown[] = [];
      dialog.showOpenDialog = ((...args: unknown[]) => {
        seen.push(args.at(-1));
        return Promise.resolve({ canceled: false, filePaths: [picked] });
      }) as typeof dialog.showOpenDialog;
      return seen;
    }, folder);
    expect(await call(app.page, 'files.pick', { what: 'folder', title: 'A folder' })).toMatchObject({
      value: { path: folder },
    });
    expect(await asked.jsonValue()).toMatchObject([{ title: 'A folder', properties: ['openDirectory'] }]);
    expect(((await scan()).error?.what ?? '').includes('picked')).toBe(false);
  });

  it('says that a dialog was cancelled', async () => {
    await app.electron.evaluate(({ dialog }) => {
      dialog.showOpenDialog = () => Promise.resolve({ canceled: true, filePaths: [] });
    });
    expect(await call(app.page, 'files.pick', { what: 'file', title: 'A file', extensions: ['json'] })).toEqual({
      ok: true,
      value: null,
    });
  });

  it('takes a folder that was dropped on it', async () => {
    const folder = temporary('dropped');
    await app.page.evaluate(() => {
      const { studio } = window as unknown as { studio: StudioBridge };
      const told = window as unknown as { droppedPath: Promise<string | null> };
      const stop = (event: DragEvent): void => {
        event.preventDefault();
        event.stopImmediatePropagation();
      };
      window.addEventListener('dragover', stop, { capture: true });
      told.droppedPath = new Promise((resolve, reject) =>
        window.addEventListener(
          'drop',
          (event) => {
            stop(event);
            studio.dropped(event.dataTransfer?.files[0] as File).then(resolve, reject);
          },
          { capture: true, once: true },
        ),
      );
    });
    const session = await app.page.context().newCDPSession(app.page);
    const data = { items: [], files: [folder], dragOperationsMask: 1 };
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
      await session.send('Input.dispatchDragEvent', { type, x: 400, y: 300, data });
    expect(await app.page.evaluate(() => (window as unknown as { droppedPath: Promise<string> }).droppedPath)).toBe(
      folder,
    );
  });

  it('is one program: a second start ends, brings this window to the front, and hands over its folder', async () => {
    const folder = temporary('second');
    await app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.minimize());
    const second = spawn(app.child.spawnfile, [appRoot(), '--home', home, folder], { stdio: 'ignore' });
    expect((await once(second, 'exit'))[0]).toBe(0);
    // The address requests the folder's import only until it has begun; the result stays.
    await app.page.getByRole('main').getByText(basename(folder)).first().waitFor();
    expect(await app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isMinimized())).toBe(
      false,
    );
  });

  it('remembers where the window was', async () => {
    const bounds = { x: 120, y: 80, width: 1300, height: 820 };
    await app.electron.evaluate(
      ({ BrowserWindow }, where) => BrowserWindow.getAllWindows()[0]?.setBounds(where),
      bounds,
    );
    const saved = (): unknown => JSON.parse(readFileSync(join(home, 'window', 'state.json'), 'utf8'));
    await expect.poll(saved).toEqual({ ...bounds, maximized: false });
  });
});

describe('the desktop on another display', () => {
  it('opens where it can be seen', async () => {
    const home = temporary('desktop');
    mkdirSync(join(home, 'window'));
    const gone = { x: -9000, y: 5000, width: 1200, height: 800, maximized: false };
    writeFileSync(join(home, 'window', 'state.json'), JSON.stringify(gone));
    const app = await openDesktop({ home });
    try {
      const [bounds, area] = await app.electron.evaluate(({ BrowserWindow, screen }) => [
        BrowserWindow.getAllWindows()[0]?.getBounds(),
        screen.getPrimaryDisplay().workArea,
      ]);
      expect(bounds?.x).toBeGreaterThanOrEqual(area?.x ?? NaN);
      expect(bounds?.y).toBeGreaterThanOrEqual(area?.y ?? NaN);
      expect((bounds?.x ?? NaN) + (bounds?.width ?? NaN)).toBeLessThanOrEqual((area?.x ?? NaN) + (area?.width ?? NaN));
    } finally {
      await app.close();
    }
  });
});
