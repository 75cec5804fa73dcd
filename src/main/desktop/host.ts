/** The desktop's implementation of the host. */
import { shell } from 'electron';
import type { Host } from '../services/core/host';
import { pickPath } from './dialogs';
import type { StudioWindow } from './window';

export interface DesktopHooks {
  quit: Host['quit'];
  settingsChanged(): void;
  storeChanged(): void;
}

export const desktopHost = (window: StudioWindow, hooks: DesktopHooks): Host => ({
  kind: 'desktop',
  allowed: [],
  pick: (request) => pickPath(window.native, request),
  // The file is shown in its folder and never opened: a file of an unknown kind may be a program.
  reveal: (path) => Promise.resolve(shell.showItemInFolder(path)),
  quit: hooks.quit,
  emit(topic, data) {
    window.send(topic, data);
    if (topic === 'settings') hooks.settingsChanged();
    if (topic === 'store') hooks.storeChanged();
  },
});
