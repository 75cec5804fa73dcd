import { afterEach } from 'vitest';
import { openApp, type App, type AppOptions } from './app';

/** Returns a function that opens the window in a test; the last one that a test opened is closed after it. */
export function opensApps(): (options: AppOptions) => Promise<App> {
  let app: App | null = null;
  afterEach(async () => {
    const last = app;
    app = null;
    await last?.close();
  });
  return async (options) => (app = await openApp(options));
}
