/**
 * Scripts that run in the page before anything else: the page's half of contextBridge in its main world, and the real
 * preload bundle in an isolated world. They exchange events of the shared window; Chromium clones the events' contents.
 */
export const WORLD = 'electron preload';
export const BINDING = '__electronDouble';

/** Runs in the main world, and builds what the preload exposes. */
export const PAGE_HALF = `(() => {
  if (window !== window.top) return;
  let next = 0;
  const calls = new Map();
  const callbacks = new Map();
  const tell = (type, detail) => window.dispatchEvent(new CustomEvent(type, { detail }));
  const packed = (value) => {
    if (typeof value !== 'function') return value;
    callbacks.set(++next, value);
    return { __callback: next };
  };
  window.addEventListener('double:expose', ({ detail: { key, methods } }) => {
    const api = {};
    for (const method of methods)
      api[method] = (...args) => new Promise((resolve, reject) => {
        calls.set(++next, { resolve, reject });
        tell('double:call', { id: next, key, method, args: args.map(packed) });
      });
    Object.defineProperty(window, key, { value: Object.freeze(api), enumerable: true });
  });
  window.addEventListener('double:result', ({ detail: { id, value, error } }) => {
    const { resolve, reject } = calls.get(id) ?? {};
    calls.delete(id);
    if (error === undefined) resolve?.(value);
    else reject?.(new Error(error));
  });
  window.addEventListener('double:callback', ({ detail: { id, args } }) => callbacks.get(id)?.(...args));
})();`;

/** Runs in the isolated world, and provides the modules that a sandboxed preload may use. */
export const PRELOAD_HALF = `(() => {
  if (window !== window.top) return;
  const paths = new WeakMap();
  const waiting = new Map();
  const listeners = new Map();
  const exposed = {};
  let next = 0;
  const tell = (type, detail) => window.dispatchEvent(new CustomEvent(type, { detail }));
  const ask = (message) => new Promise((resolve, reject) => {
    waiting.set(++next, { resolve, reject });
    ${BINDING}(JSON.stringify({ id: next, ...message }));
  });
  globalThis.__double = {
    files: new Map(),
    settle(id, error, value) {
      const { resolve, reject } = waiting.get(id) ?? {};
      waiting.delete(id);
      if (error === null) resolve?.(value);
      else reject?.(new Error(error));
    },
    topic(channel, args) {
      for (const listener of listeners.get(channel) ?? []) listener({ sender: ipcRenderer }, ...args);
    },
  };
  const ipcRenderer = {
    invoke: (channel, ...args) => ask({ type: 'invoke', channel, args }),
    on(channel, listener) {
      listeners.set(channel, [...(listeners.get(channel) ?? []), listener]);
      return ipcRenderer;
    },
  };
  const contextBridge = {
    exposeInMainWorld(key, api) {
      if (key in exposed) throw new Error('Cannot bind an API on top of an existing property on the window object');
      exposed[key] = api;
      tell('double:expose', { key, methods: Object.keys(api) });
    },
  };
  const webUtils = { getPathForFile: (file) => paths.get(file) ?? '' };
  const unpacked = (value) =>
    value && value.__callback ? (...args) => tell('double:callback', { id: value.__callback, args }) : value;
  // The path of a file is known to the browser alone, and Electron tells it at once: it is asked for before the call.
  const learnt = async (value) => {
    if (value instanceof File) {
      __double.files.set(++next, value);
      paths.set(value, await ask({ type: 'path', file: next }));
    }
    return unpacked(value);
  };
  window.addEventListener('double:call', async ({ detail: { id, key, method, args } }) => {
    try {
      const ready = args.some((arg) => arg instanceof File) ? await Promise.all(args.map(learnt)) : args.map(unpacked);
      tell('double:result', { id, value: await exposed[key][method](...ready) });
    } catch (error) {
      tell('double:result', { id, error: error.message });
    }
  });
  const modules = { electron: { ipcRenderer, contextBridge, webUtils } };
  const require = (name) => {
    if (name in modules) return modules[name];
    throw new Error('module not found: ' + name);
  };
  __double.require = require;
})();`;

/**
 * Returns the script of the preload itself, which runs after it. A preload that is not CommonJS doesn't parse, as in
 * Electron's sandbox.
 */
export const preloadScript = (preload: string): string =>
  `if (window === window.top) (function (require, module, exports) {\n${preload}\n})(__double.require, { exports: {} }, {});`;
