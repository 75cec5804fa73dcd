/**
 * Electron's shell around the core: one window, native menu and dialogs. It transports bytes and has no logic of its
 * own.
 */
import { join } from 'node:path';
import { app, dialog, Menu, nativeTheme, session } from 'electron';
import type { CommandId } from '../../shared/commands';
import { errorData } from '../../shared/errors';
import { createCore, type Core } from '../services/core/core';
import { Activity } from './activity';
import { desktopHost } from './host';
import { hardenProgram, hardenSession } from './harden';
import { answerCalls } from './ipc';
import { menuTemplate } from './menu-template';
import { listenForFolders } from './opened-folders';
import { Quitting } from './quit';
import { registerScheme, serveRenderer } from './renderer-files';
import { languageOf, STRINGS, type Language, type Strings } from './strings';
import { troubles } from './troubles';
import { StudioWindow } from './window';

/**
 * Exit code where it could not start and has said why: `npm start` (bin/open-window.mjs) then doesn't serve instead.
 */
const TOLD = 3;

export interface DesktopOptions {
  home: string;
  /** Folder opened with the program; null: none. */
  folder: string | null;
  preload: string;
}

export function startDesktop(options: DesktopOptions): void {
  // The browser's own files are beside the data, so that two data folders are two programs.
  app.setPath('userData', join(options.home, 'window'));
  if (!app.requestSingleInstanceLock({ folder: options.folder })) {
    app.exit(0);
    return;
  }
  registerScheme();
  hardenProgram();
  const folders = listenForFolders(options.folder);
  void app.whenReady().then(() => {
    try {
      open(options, folders);
    } catch (error) {
      const { what, why, next } = errorData(error);
      dialog.showErrorBox(STRINGS[languageOf('system', app.getLocale())].startFailed, `${what}\n\n${why}\n\n${next}`);
      app.exit(TOLD);
    }
  });
}

/** Opens the data folder. @throws AppError where it can't be opened */
function open({ home, preload }: DesktopOptions, folders: ReturnType<typeof listenForFolders>): void {
  const language = (): Language => languageOf(core.context.settings.get().language, app.getLocale());
  const strings = (): Strings => STRINGS[language()];
  const window: StudioWindow = new StudioWindow({
    ...{
      preload,
      stateFile: join(home, 'window', 'state.json'),
      icon: join(app.getAppPath(), 'resources', 'icons', 'icon.png'),
    },
    mayClose: () => quitting.mayClose(),
    ...troubles(() => window, strings),
  });
  const core: Core = createCore({
    home,
    host: desktopHost(window, {
      quit: (how) => (how === 'ask' ? app.quit() : void quitting.quit(how)),
      settingsChanged: () => apply(),
      storeChanged: () => {
        // `serve` may have changed the settings.
        apply();
        activity.look();
      },
    }),
    onRunEnd: (run) => activity.ended(run),
  });
  const quitting = new Quitting(core, window, strings);
  const activity = new Activity(core, window, { settings: () => core.context.settings.get(), strings });
  let shown: Language | null = null;
  const apply = (): void => {
    const { theme } = core.context.settings.get();
    if (nativeTheme.themeSource !== theme) nativeTheme.themeSource = theme;
    if (shown === language()) return;
    shown = language();
    setMenu(shown, window);
  };
  const opened = async (folder: string): Promise<void> => {
    try {
      window.send('open', { path: await core.context.grants.addInTime(folder) });
    } catch (error) {
      const { what, why, next } = errorData(error);
      dialog.showErrorBox(what, `${why}\n\n${next}`);
    }
  };
  serveRenderer(session.defaultSession);
  hardenSession(session.defaultSession);
  answerCalls(core);
  apply();
  activity.look();
  window.show();
  folders.to((folder) => {
    window.show();
    if (folder) void opened(folder);
  });
  app.on('activate', () => window.show());
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit();
  });
  app.on('will-quit', () => {
    activity.close();
    core.close();
  });
}

function setMenu(language: Language, window: StudioWindow): void {
  const run = (id: CommandId): void => {
    if (id === 'app.quit') app.quit();
    else if (id === 'view.reload') window.reload();
    else {
      window.show();
      window.send('command', { id });
    }
  };
  const template = menuTemplate({ language, platform: process.platform, developer: !app.isPackaged, run });
  Menu.setApplicationMenu(Menu.buildFromTemplate(template));
}
