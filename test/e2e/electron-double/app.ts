/** `app`: start, single instance, end. */
import { EventEmitter } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { launchBrowser, type Browser } from './browser.ts';

const SECOND_START_MS = 100;
const ORPHAN_MS = 500;

/** Makes an event whose default a listener may prevent. */
export const preventable = <T extends object>(
  fields: T,
): T & { defaultPrevented: boolean; preventDefault(): void } => ({
  ...fields,
  defaultPrevented: false,
  preventDefault() {
    this.defaultPrevented = true;
  },
});

export interface Closable {
  close(): void;
  isDestroyed(): boolean;
}

class App extends EventEmitter {
  readonly isPackaged = false;
  readonly commandLine = {
    switches: new Map<string, string>(),
    appendSwitch: (name: string, value = ''): void => void this.commandLine.switches.set(name, value),
  };
  browser: Browser | null = null;
  sandboxed = false;
  /** The open windows; window.ts adds and removes them. */
  readonly windows = new Set<Closable>();
  private readonly paths = new Map<string, string>();
  private lock: string | null = null;
  private quitting = false;
  private readonly ready: Promise<void>;
  private isItReady = false;

  constructor() {
    super();
    // Playwright delays the program until it listens.
    const released = process.argv.some((arg) => arg.startsWith('--inspect='))
      ? new Promise<void>((resolve) => Object.assign(globalThis, { __playwright_run: resolve }))
      : Promise.resolve();
    // The browser starts after the program's first turn, because the program first chooses the profile's folder.
    this.ready = new Promise((resolve) => setTimeout(resolve))
      .then(() => launchBrowser(this.getPath('userData')))
      .then(async (browser) => {
        this.browser = browser;
        process.stderr.write(`\nDevTools listening on ${browser.url}\n`);
        await released;
        this.isItReady = true;
        this.emit('ready', {}, {});
      })
      .catch((error: unknown) => {
        console.error(error);
        process.exit(1);
      });
    const { ppid } = process;
    setInterval(() => {
      // The process that started this one has ended, so nobody else will end it.
      if (process.ppid !== ppid) this.exit(1);
    }, ORPHAN_MS).unref();
    process.on('SIGTERM', () => this.quit());
    process.on('SIGINT', () => this.quit());
  }

  whenReady = (): Promise<void> => this.ready;
  isReady = (): boolean => this.isItReady;
  getAppPath = (): string => join(import.meta.dirname, '../../..');
  getName = (): string => 'efficienttrain-studio';
  getVersion = (): string => '0.0.0';
  getLocale = (): string => process.env['ELECTRON_DOUBLE_LOCALE'] ?? 'en-US';

  setPath(name: string, path: string): void {
    mkdirSync(dirname(path), { recursive: true });
    this.paths.set(name, path);
  }

  getPath(name: string): string {
    return this.paths.get(name) ?? join(tmpdir(), 'electron-double', name);
  }

  enableSandbox(): void {
    if (this.isItReady) throw new Error('app.enableSandbox() can only be called before app is ready');
    this.sandboxed = true;
  }

  /** Writes a file with this process's number into the profile. A second process leaves a message beside it. */
  requestSingleInstanceLock(data: unknown = {}): boolean {
    const folder = this.getPath('userData');
    mkdirSync(folder, { recursive: true });
    const file = join(folder, 'instance');
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
    } catch {
      if (isAlive(Number(readFileSync(file, 'utf8')))) {
        const message = join(folder, `second-${process.pid}`);
        writeFileSync(`${message}.new`, JSON.stringify({ argv: process.argv, cwd: process.cwd(), data }));
        renameSync(`${message}.new`, `${message}.json`);
        return false;
      }
      writeFileSync(file, String(process.pid));
    }
    this.lock = file;
    setInterval(() => this.hearSecond(folder), SECOND_START_MS).unref();
    return true;
  }

  private hearSecond(folder: string): void {
    for (const name of readdirSync(folder).filter((entry) => /^second-\d+\.json$/.test(entry))) {
      const { argv, cwd, data } = JSON.parse(readFileSync(join(folder, name), 'utf8')) as {
        argv: string[];
        cwd: string;
        data: unknown;
      };
      rmSync(join(folder, name));
      this.emit('second-instance', {}, argv, cwd, data);
    }
  }

  quit(): void {
    if (this.quitting) return;
    const event = preventable({});
    this.emit('before-quit', event);
    if (event.defaultPrevented) return;
    this.quitting = true;
    for (const window of [...this.windows]) window.close();
    if (this.windows.size === 0) this.shutDown();
    // A window that refuses to close cancels quitting.
    else this.quitting = false;
  }

  exit(code = 0): void {
    void this.end(code);
  }

  /** window.ts calls this when a window is closed. */
  windowClosed(window: Closable): void {
    this.windows.delete(window);
    if (this.windows.size > 0 || this.quitting) return;
    if (this.listenerCount('window-all-closed') > 0) this.emit('window-all-closed');
    else this.quit();
  }

  private shutDown(): void {
    const event = preventable({});
    this.emit('will-quit', event);
    if (event.defaultPrevented) return;
    this.emit('quit', {}, 0);
    void this.end(0);
  }

  private async end(code: number): Promise<void> {
    if (this.lock) rmSync(this.lock, { force: true });
    await this.browser?.close();
    process.exit(code);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

export const app = new App();
export const powerMonitor = new EventEmitter();
