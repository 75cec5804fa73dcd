/** Helpers of the specifications for the desktop alone: its main process, its bridge, and runs that train in it. */
import { join } from 'node:path';
import type { ElectronApplication, Page } from 'playwright-core';
import type { StudioBridge } from '../../../src/preload';
import { processStart } from '../../../src/main/store/process-identity';
import type { Run } from '../../../src/main/store/runs';
import { importFolder, look, newRun, smallSample, temporary } from '../../support/training';
import { openApp, type App, type AppOptions } from './app';

export interface DesktopApp extends App {
  electron: ElectronApplication;
}

export async function openDesktop(options: Omit<AppOptions, 'host'> = {}): Promise<DesktopApp> {
  const app = await openApp({ host: 'desktop', ...options });
  if (!app.electron) throw new Error('the desktop has no main process to look at');
  return { ...app, electron: app.electron };
}

/** Makes a call as the window does. */
export const call = (page: Page, name: string, args: unknown): Promise<unknown> =>
  page.evaluate(
    ([called, given]) => (window as unknown as { studio: StudioBridge }).studio.call(called as string, given),
    [name, args] as const,
  );

export const clickMenu = (electron: ElectronApplication, id: string): Promise<void> =>
  electron.evaluate(({ Menu }, item) => {
    const found = Menu.getApplicationMenu()?.getMenuItemById(item);
    if (!found) throw new Error(`the menu has no ${item}`);
    found.click();
  }, id);

/** Makes a data folder with a queued run. It takes a second, or so many epochs that only a test ends it. */
export async function homeWithRun(epochs: number): Promise<{ home: string; run: Run }> {
  const home = temporary('desktop');
  const dataset = await importFolder(home, smallSample(join(home, 'pictures'), 12, ['zero', 'one']));
  const run = newRun(home, dataset, { epochs });
  return { home, run };
}

export const stateOf = (home: string, run: Run): Run => look(home, run.id).run;

export const isAlive = (pid: number | null): boolean => pid !== null && processStart(pid) !== null;
