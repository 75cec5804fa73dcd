import { once } from 'node:events';
import { join } from 'node:path';
import type Electron from 'electron';
import { _electron, type Page } from 'playwright-core';
import { appRoot } from '../../../src/main/base/entry';
import { findChromium } from './chromium';
import type { Launch } from './launch';

const CLOSE_MS = 30_000;
const ANSWER_MS = 250;

/** Returns Electron's own binary if ELECTRON_PATH names it, or its stand-in. */
const executable = (): string =>
  process.env['ELECTRON_PATH'] ?? join(appRoot(), 'test', 'e2e', 'electron-double', 'electron');

const saveAndQuit = ({
  BrowserWindow,
}: {
  BrowserWindow: typeof Electron.BrowserWindow;
}): Promise<unknown> | undefined =>
  BrowserWindow.getAllWindows()[0]?.webContents.executeJavaScript(
    `[...document.querySelectorAll('[role=dialog] button')].find(({ innerText }) => /Save and quit|保存并退出/.test(innerText))?.click()`,
  );

/** Launches the desktop's window: the built program in Electron, or in its stand-in. */
export const launchDesktop: Launch = async ({ home, args, env, viewport, colorScheme, watch }) => {
  const electron = await _electron.launch({
    executablePath: executable(),
    args: [appRoot(), '--home', home, ...args],
    env: {
      ...(process.env as Record<string, string>),
      ...env,
      ELECTRON_DOUBLE_CHROMIUM: JSON.stringify(await findChromium()),
    },
    ...{ colorScheme, locale: 'en-US' },
  });
  let said = '';
  const child = electron.process();
  child.stdout?.on('data', (bytes: Buffer) => (said += bytes.toString()));
  child.stderr?.on('data', (bytes: Buffer) => (said += bytes.toString()));
  const ended = once(child, 'exit');
  // The program has one window, which may be open already. Popups are closed before they could be watched.
  const [open] = electron.windows();
  const watched = open
    ? watch(open)
    : new Promise<void>((resolve, reject) => {
        electron.once('window', (first: Page) => void watch(first).then(resolve, reject));
      });
  const page = await electron.firstWindow();
  await watched;
  await page.setViewportSize(viewport);
  return {
    ...{ page, child, electron, printed: () => said },
    async close() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const timer = setTimeout(() => child.kill('SIGKILL'), CLOSE_MS);
      await electron.evaluate(({ app }) => app.quit()).catch(() => undefined);
      // This answers the question about live runs as a user does. It doesn't use the page, which a specification may
      // have crashed.
      const answering = setInterval(() => void electron.evaluate(saveAndQuit).catch(() => undefined), ANSWER_MS);
      await ended;
      clearInterval(answering);
      clearTimeout(timer);
    },
  };
};
