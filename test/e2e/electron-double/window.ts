/** `BrowserWindow` and `webContents`: a page of the browser, controlled over the debugging protocol. */
import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import { app, preventable } from './app.ts';
import { toBrowser, toProgram } from './address.ts';
import type { Params } from './cdp.ts';
import { ipcMain } from './ipc.ts';
import { isStandard, session } from './session.ts';
import { BINDING, PAGE_HALF, PRELOAD_HALF, preloadScript, WORLD } from './worlds.ts';

const POPUP_MS = 3000;

interface Bounds {
  x: number;
  y: number;
  width: number;
  height: number;
}

interface WindowOptions extends Partial<Bounds> {
  show?: boolean;
  webPreferences?: Params & { preload?: string };
}

type OpenHandler = (details: { url: string }) => { action: 'allow' | 'deny' };

interface Asked {
  type: 'invoke' | 'path';
  id: number;
  channel: string;
  args: unknown[];
  file: number;
}

class WebContents extends EventEmitter {
  readonly session = session.defaultSession;
  private readonly preferences: WindowOptions['webPreferences'];
  private readonly page: Promise<string>;
  private readonly frames = new Map<string, { url: string; parent: string | null }>();
  private targetId = '';
  private mainFrame = '';
  private world: number | null = null;
  private ownNavigation = false;
  private destroyed = false;
  private openHandler: OpenHandler = () => ({ action: 'allow' });

  constructor(options: WindowOptions) {
    super();
    this.preferences = options.webPreferences ?? {};
    this.page = this.open(options);
    this.page.catch((error: unknown) => console.error(error));
  }

  static byTarget(targetId: string): WebContents | undefined {
    return BrowserWindow.getAllWindows()
      .map(({ webContents: contents }) => contents)
      .find((contents) => contents.targetId === targetId);
  }

  getLastWebPreferences = (): Params => this.preferences ?? {};
  getURL = (): string => toProgram(this.frames.get(this.mainFrame)?.url ?? '');
  isDestroyed = (): boolean => this.destroyed;

  setWindowOpenHandler(handler: OpenHandler): void {
    this.openHandler = handler;
  }

  async loadURL(url: string): Promise<void> {
    const scheme = new URL(url).protocol.replace(':', '');
    if (toBrowser(url) !== url && !isStandard(scheme))
      throw new Error(`ERR_UNKNOWN_URL_SCHEME (-302) loading '${url}'`);
    this.ownNavigation = true;
    await this.command('Page.navigate', { url: toBrowser(url) });
  }

  reload(): void {
    this.ownNavigation = true;
    void this.command('Page.reload');
  }

  send(channel: string, ...args: unknown[]): void {
    if (this.world === null) return;
    void this.inWorld(`__double.topic(${JSON.stringify(channel)}, ${JSON.stringify(args)})`);
  }

  async executeJavaScript(expression: string): Promise<unknown> {
    const { result, exceptionDetails } = (await this.command('Runtime.evaluate', {
      ...{ expression, awaitPromise: true, returnByValue: true },
    })) as { result: { value: unknown }; exceptionDetails?: { text: string } };
    if (exceptionDetails) throw new Error(exceptionDetails.text);
    return result.value;
  }

  forcefullyCrashRenderer(): void {
    // No answer comes, because the page is gone.
    void this.command('Page.crash').catch(() => undefined);
  }

  close(): void {
    BrowserWindow.fromWebContents(this)?.close();
  }

  /** The window calls this when it is closed. */
  async destroy(): Promise<void> {
    this.destroyed = true;
    await this.page;
    await app.browser?.cdp.send('Target.closeTarget', { targetId: this.targetId });
  }

  private async command(method: string, params: Params = {}): Promise<Params> {
    const page = await this.page;
    return this.cdp.send(method, params, page);
  }

  private get cdp() {
    if (!app.browser) throw new Error('a window before app is ready');
    return app.browser.cdp;
  }

  private async open({ width = 800, height = 600 }: WindowOptions): Promise<string> {
    const { targetId } = await this.cdp.send('Target.createTarget', { url: 'about:blank', width, height });
    this.targetId = String(targetId);
    const { sessionId } = await this.cdp.send('Target.attachToTarget', { targetId, flatten: true });
    const page = String(sessionId);
    this.listen(page);
    const { preload } = this.preferences ?? {};
    const commands: [string, Params][] = [
      ['Page.enable', {}],
      ['Inspector.enable', {}],
      ['Runtime.addBinding', { name: BINDING, executionContextName: WORLD }],
      ['Page.addScriptToEvaluateOnNewDocument', { source: PAGE_HALF }],
      ['Page.addScriptToEvaluateOnNewDocument', { source: PRELOAD_HALF, worldName: WORLD }],
      ...(preload
        ? [
            [
              'Page.addScriptToEvaluateOnNewDocument',
              { source: preloadScript(readFileSync(preload, 'utf8')), worldName: WORLD },
            ] as [string, Params],
          ]
        : []),
      ['Runtime.enable', {}],
      ['Fetch.enable', { patterns: [{ urlPattern: '*' }] }],
      ['Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: false, flatten: true }],
    ];
    for (const [method, params] of commands) await this.cdp.send(method, params, page);
    const { frameTree } = (await this.cdp.send('Page.getFrameTree', {}, page)) as {
      frameTree: { frame: { id: string; url: string } };
    };
    this.mainFrame = frameTree.frame.id;
    this.frames.set(this.mainFrame, { url: frameTree.frame.url, parent: null });
    await this.cdp.send('Target.setDiscoverTargets', { discover: true });
    this.cdp.events().on('Target.targetCreated', ({ targetInfo }: { targetInfo: Params }) => {
      if (targetInfo['openerId'] === this.targetId)
        this.popup(String(targetInfo['targetId']), String(targetInfo['url']));
    });
    return page;
  }

  private listen(page: string): void {
    const events = this.cdp.events(page);
    const on = <T>(name: string, listener: (params: T) => void): void => void events.on(name, listener);
    on<{ frame: { id: string; url: string; parentId?: string } }>('Page.frameNavigated', ({ frame }) =>
      this.frames.set(frame.id, { url: frame.url, parent: frame.parentId ?? null }),
    );
    on<{ frameId: string; parentFrameId: string }>('Page.frameAttached', ({ frameId, parentFrameId }) =>
      this.frames.set(frameId, { url: '', parent: parentFrameId }),
    );
    on<{ frameId: string; url: string }>('Page.navigatedWithinDocument', ({ frameId, url }) => {
      this.frames.set(frameId, { url, parent: this.frames.get(frameId)?.parent ?? null });
      this.emit('did-start-navigation', {
        url: toProgram(url),
        isMainFrame: frameId === this.mainFrame,
        isSameDocument: true,
      });
    });
    on('Page.loadEventFired', () => this.emit('did-finish-load'));
    on('Inspector.targetCrashed', () => {
      this.world = null;
      this.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 133 });
    });
    on<{ context: { id: number; name: string; auxData: { frameId: string } } }>(
      'Runtime.executionContextCreated',
      ({ context }) => {
        if (context.name === WORLD && context.auxData.frameId === this.mainFrame) this.world = context.id;
      },
    );
    on('Runtime.executionContextsCleared', () => {
      this.world = null;
    });
    on<{ exceptionDetails: { exception?: { description?: string }; text: string } }>(
      'Runtime.exceptionThrown',
      ({ exceptionDetails }) =>
        console.error(`In the page: ${exceptionDetails.exception?.description ?? exceptionDetails.text}`),
    );
    on<{ payload: string; executionContextId: number }>(
      'Runtime.bindingCalled',
      ({ payload, executionContextId }) => void this.asked(JSON.parse(payload) as Asked, executionContextId),
    );
    on<Paused>('Fetch.requestPaused', (paused) => {
      // A page that is closed cancels its requests.
      this.answer(paused).catch((error: unknown) => {
        if (!/Invalid InterceptionId|gone/.test(String(error))) console.error(error);
      });
    });
  }

  private async asked({ type, id, channel, args, file }: Asked, world: number): Promise<void> {
    let reply: string;
    try {
      const value =
        type === 'path' ? await this.pathOf(file, world) : await ipcMain.invoked(channel, this.event(), args);
      reply = `null, ${JSON.stringify(value)}`;
    } catch (error) {
      reply = JSON.stringify((error as Error).message);
    }
    await this.command('Runtime.evaluate', { expression: `__double.settle(${id}, ${reply})`, contextId: world }).catch(
      () => undefined,
    );
  }

  private event(): unknown {
    return { sender: this, senderFrame: { url: this.getURL(), parent: null, origin: new URL(this.getURL()).origin } };
  }

  private async pathOf(file: number, contextId: number): Promise<string> {
    const { result } = (await this.command('Runtime.evaluate', {
      expression: `__double.files.get(${file})`,
      contextId,
    })) as {
      result: { objectId: string };
    };
    const { path } = await this.command('DOM.getFileInfo', { objectId: result.objectId });
    return String(path);
  }

  private async inWorld(expression: string): Promise<void> {
    if (this.world !== null)
      await this.command('Runtime.evaluate', { expression, contextId: this.world }).catch(() => undefined);
  }

  /**
   * Closes a forbidden popup once it has a page. Before that the debugger holds it, and with it the page that opened
   * it.
   */
  private popup(targetId: string, url: string): void {
    if (this.openHandler({ url: toProgram(url) }).action === 'allow') return;
    const browser = this.cdp.events();
    const close = (): void => {
      browser.off('Target.targetInfoChanged', changed);
      clearTimeout(timer);
      void this.cdp.send('Target.closeTarget', { targetId }).catch(() => undefined);
    };
    const changed = ({ targetInfo }: { targetInfo: Params }): void => {
      if (targetInfo['targetId'] === targetId && targetInfo['url'] !== '' && targetInfo['url'] !== 'about:blank')
        close();
    };
    browser.on('Target.targetInfoChanged', changed);
    const timer = setTimeout(close, POPUP_MS);
  }

  /** Answers every request of the page. A navigation has to be allowed; the program answers or cancels all others. */
  private async answer(paused: Paused): Promise<void> {
    const { requestId, request, resourceType, frameId } = paused;
    const url = toProgram(request.url);
    const fail = (reason: string): Promise<Params> =>
      this.command('Fetch.failRequest', { requestId, errorReason: reason });
    if (resourceType === 'Document') {
      const isMainFrame = frameId === this.mainFrame || (this.frames.get(frameId)?.parent ?? null) === null;
      if (!this.mayNavigate(url, isMainFrame)) return void (await fail('Aborted'));
      this.emit('did-start-navigation', { url, isMainFrame, isSameDocument: false });
    }
    const answers = session.defaultSession.protocol.answers.get(new URL(url).protocol.replace(':', ''));
    if (session.defaultSession.cancels(url)) return void (await fail('BlockedByClient'));
    if (!answers) return void (await this.command('Fetch.continueRequest', { requestId }));
    const response = await answers(new Request(url, { method: request.method }));
    await this.command('Fetch.fulfillRequest', {
      requestId,
      responseCode: response.status,
      responseHeaders: [...response.headers].map(([name, value]) => ({ name, value })),
      body: Buffer.from(await response.arrayBuffer()).toString('base64'),
    });
  }

  private mayNavigate(url: string, isMainFrame: boolean): boolean {
    const own = this.ownNavigation && isMainFrame;
    if (isMainFrame) this.ownNavigation = false;
    if (own) return true;
    const frame = preventable({ url, isMainFrame });
    this.emit('will-frame-navigate', frame);
    const event = preventable({ url });
    if (isMainFrame) this.emit('will-navigate', event);
    return !frame.defaultPrevented && !event.defaultPrevented;
  }
}

interface Paused {
  requestId: string;
  request: { url: string; method: string };
  resourceType: string;
  frameId: string;
}

export class BrowserWindow extends EventEmitter {
  readonly webContents: WebContents;
  /** The progress that was set last; -1: none. */
  taskbar = -1;
  private bounds: Bounds;
  private readonly state = { visible: false, minimized: false, maximized: false, focused: false, destroyed: false };

  constructor(options: WindowOptions = {}) {
    super();
    this.bounds = { x: options.x ?? 0, y: options.y ?? 0, width: options.width ?? 800, height: options.height ?? 600 };
    this.webContents = new WebContents(options);
    app.windows.add(this);
    app.emit('web-contents-created', {}, this.webContents);
    this.webContents.once('did-finish-load', () => this.emit('ready-to-show'));
    if (options.show !== false) this.show();
  }

  static getAllWindows = (): BrowserWindow[] => [...app.windows].filter((window) => window instanceof BrowserWindow);
  static fromWebContents = (contents: WebContents): BrowserWindow | null =>
    BrowserWindow.getAllWindows().find((window) => window.webContents === contents) ?? null;

  loadURL = (url: string): Promise<void> => this.webContents.loadURL(url);
  isVisible = (): boolean => this.state.visible;
  isFocused = (): boolean => this.state.focused;
  isMinimized = (): boolean => this.state.minimized;
  isMaximized = (): boolean => this.state.maximized;
  isDestroyed = (): boolean => this.state.destroyed;
  getBounds = (): Bounds => this.bounds;
  getNormalBounds = (): Bounds => this.bounds;

  setBounds(bounds: Partial<Bounds>): void {
    this.bounds = { ...this.bounds, ...bounds };
    this.emit('resize');
    this.emit('move');
  }

  show(): void {
    this.state.visible = true;
    this.focus();
  }

  focus(): void {
    this.state.focused = true;
    this.emit('focus');
  }

  blur(): void {
    this.state.focused = false;
  }

  minimize(): void {
    this.state.minimized = true;
    this.state.focused = false;
  }

  restore(): void {
    this.state.minimized = false;
  }

  maximize(): void {
    this.state.maximized = true;
  }

  setProgressBar(progress: number): void {
    this.taskbar = progress;
  }

  close(): void {
    if (this.state.destroyed) return;
    const event = preventable({});
    this.emit('close', event);
    if (!event.defaultPrevented) this.destroy();
  }

  destroy(): void {
    this.state.destroyed = true;
    void this.webContents.destroy().catch(() => undefined);
    this.emit('closed');
    app.windowClosed(this);
  }
}

export const webContents = {
  fromDevToolsTargetId: (targetId: string): WebContents | undefined => WebContents.byTarget(targetId),
  getAllWebContents: (): WebContents[] => BrowserWindow.getAllWindows().map(({ webContents: contents }) => contents),
};
