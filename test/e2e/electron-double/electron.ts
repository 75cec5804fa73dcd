/**
 * The module `electron` as the main process sees it. It has no top-level await, because Playwright requires it through
 * the inspector.
 */
export { app, powerMonitor } from './app.ts';
export { BrowserWindow, webContents } from './window.ts';
export { ipcMain } from './ipc.ts';
export { protocol, session } from './session.ts';
export { dialog, Menu, MenuItem, nativeTheme, Notification, powerSaveBlocker, screen, shell } from './system.ts';
