/** Passes the window's calls from Electron's channel to the core. */
import { ipcMain, type IpcMainInvokeEvent } from 'electron';
import { z } from 'zod';
import type { CallName, Reply } from '../../shared/contract';
import type { Core } from '../services/core/core';
import { isOwnFrame } from './origin';

const droppedPath = z.string().min(1).max(32_768);

/** Refuses other senders. @throws Error which the sender sees as a rejected call */
function refuseStrangers({ senderFrame }: IpcMainInvokeEvent): void {
  if (!isOwnFrame(senderFrame)) throw new Error('Calls are answered to the window of this program only.');
}

export function answerCalls(core: Core): void {
  ipcMain.handle('studio:call', (event, name: unknown, args: unknown): Promise<Reply<CallName>> => {
    refuseStrangers(event);
    return core.call(String(name), args);
  });
  // The path comes from the preload, which took it from a file that the user dropped: a page can't make such a file.
  ipcMain.handle('studio:dropped', (event, path: unknown): Promise<string> => {
    refuseStrangers(event);
    return core.context.grants.addInTime(droppedPath.parse(path));
  });
}
