/**
 * The program's one window. It is opened and brought to the front, gets topics once its page listens, and is reloaded
 * when its process ends.
 */
import { app, BrowserWindow, nativeTheme, screen, type WebContents } from 'electron';
import type { Topic, TopicData } from '../../shared/contract';
import { START_URL } from './origin';
import { clampState, MINIMUM, readState, writeState, type Rectangle } from './window-state';

export interface WindowHooks {
  preload: string;
  stateFile: string;
  icon: string;
  /** Says whether closing the window may end it now. */
  mayClose(): boolean;
  /**
   * Is called when the page's process has ended. The page is loaded again where `reload`; else the user has to be
   * asked.
   */
  crashed(reason: string, often: boolean): void;
  hung(): void;
}

/** The --bg tokens of both themes, so that nothing flashes before the page is drawn. */
const BACKGROUND = { light: '#f6f7f9', dark: '#0f1216' } as const;
const SAVE_MS = 500;
const OFTEN = { crashes: 3, withinMs: 60_000 } as const;

export class StudioWindow {
  private window: BrowserWindow | null = null;
  private listening = false;
  private hung = false;
  private readonly unsent = new Map<Topic, unknown>();
  private crashes: number[] = [];
  private shownProgress: number | null = null;

  constructor(private readonly hooks: WindowHooks) {}

  get native(): BrowserWindow | null {
    return this.window;
  }

  /** Whether its page can answer a question. */
  get answers(): boolean {
    return this.listening && !this.hung;
  }

  /** Opens it, or brings it to the front. */
  show(): void {
    if (!this.window) this.open();
    else {
      if (this.window.isMinimized()) this.window.restore();
      this.window.show();
      this.window.focus();
    }
  }

  /** Sends a topic to the page; the latest of each is kept until the page listens. */
  send<T extends Topic>(topic: T, data: TopicData<T>): void {
    if (this.window && this.listening) this.window.webContents.send('studio:topic', topic, data);
    else this.unsent.set(topic, data);
  }

  reload(): void {
    this.window?.webContents.reload();
  }

  /** Shows progress from 0 to 1; null: nothing trains. */
  progress(fraction: number | null): void {
    this.shownProgress = fraction;
    this.window?.setProgressBar(fraction ?? -1);
  }

  private open(): void {
    const areas = [screen.getPrimaryDisplay(), ...screen.getAllDisplays()].map(({ workArea }) => workArea);
    const { maximized, ...bounds } = clampState(readState(this.hooks.stateFile), areas as [Rectangle, ...Rectangle[]]);
    const window = new BrowserWindow({
      ...bounds,
      ...{ minWidth: Math.min(MINIMUM.width, bounds.width), minHeight: Math.min(MINIMUM.height, bounds.height) },
      ...{ show: false, title: 'EfficientTrain Studio', icon: this.hooks.icon },
      backgroundColor: BACKGROUND[nativeTheme.shouldUseDarkColors ? 'dark' : 'light'],
      webPreferences: {
        preload: this.hooks.preload,
        ...{ contextIsolation: true, sandbox: true, nodeIntegration: false, webSecurity: true, webviewTag: false },
        // The spelling checker would download dictionaries.
        ...{ spellcheck: false, navigateOnDragDrop: false, devTools: !app.isPackaged },
      },
    });
    this.window = window;
    if (maximized) window.maximize();
    window.once('ready-to-show', () => window.show());
    this.keepState(window);
    this.listen(window);
    this.progress(this.shownProgress);
    void window.loadURL(START_URL);
  }

  private keepState(window: BrowserWindow): void {
    let timer: NodeJS.Timeout | null = null;
    const save = (): void => {
      if (timer) clearTimeout(timer);
      timer = null;
      if (!window.isMinimized())
        writeState(this.hooks.stateFile, { ...window.getNormalBounds(), maximized: window.isMaximized() });
    };
    const later = (): void => {
      timer ??= setTimeout(save, SAVE_MS);
    };
    window.on('resize', later);
    window.on('move', later);
    window.on('close', (event) => {
      save();
      if (!this.hooks.mayClose()) event.preventDefault();
    });
    window.on('closed', () => {
      if (timer) clearTimeout(timer);
      this.window = null;
      this.listening = false;
    });
  }

  private listen(window: BrowserWindow): void {
    const { webContents } = window;
    webContents.on('did-start-navigation', ({ isMainFrame, isSameDocument }) => {
      if (isMainFrame && !isSameDocument) this.listening = false;
    });
    webContents.on('did-finish-load', () => {
      this.listening = true;
      for (const [topic, data] of this.unsent) webContents.send('studio:topic', topic, data);
      this.unsent.clear();
    });
    window.on('unresponsive', () => {
      this.hung = true;
      this.hooks.hung();
    });
    window.on('responsive', () => {
      this.hung = false;
    });
    webContents.on('render-process-gone', (_event, { reason }) => {
      this.listening = false;
      this.hung = false;
      if (reason !== 'clean-exit') this.recover(webContents, reason);
    });
  }

  /** Brings the page back where it was. Runs train in processes of their own and are not affected. */
  private recover(webContents: WebContents, reason: string): void {
    const now = Date.now();
    this.crashes = [...this.crashes.filter((at) => now - at < OFTEN.withinMs), now];
    const often = this.crashes.length >= OFTEN.crashes;
    if (!often) {
      this.send('reloaded', { reason });
      webContents.reload();
    }
    this.hooks.crashed(reason, often);
  }
}
