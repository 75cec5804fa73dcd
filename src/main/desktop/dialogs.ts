/** The system's file dialogs. */
import { dialog, type BrowserWindow } from 'electron';
import type { PickRequest } from '../services/core/host';

/** Opens a dialog. @returns null where it was cancelled */
export async function pickPath(window: BrowserWindow | null, request: PickRequest): Promise<string | null> {
  const { what, title, extensions, suggested } = request;
  const filters = extensions.length
    ? [{ name: extensions.map((extension) => `*.${extension}`).join(' '), extensions }]
    : [];
  const options = { title, filters, ...(suggested ? { defaultPath: suggested } : {}) };
  if (what === 'save') {
    const { canceled, filePath } = await (window
      ? dialog.showSaveDialog(window, options)
      : dialog.showSaveDialog(options));
    return canceled || !filePath ? null : filePath;
  }
  const open = {
    ...options,
    properties: [what === 'folder' ? 'openDirectory' : 'openFile'] as ('openDirectory' | 'openFile')[],
  };
  const { canceled, filePaths } = await (window ? dialog.showOpenDialog(window, open) : dialog.showOpenDialog(open));
  return canceled ? null : (filePaths[0] ?? null);
}
