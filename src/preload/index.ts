/**
 * The only door between the window and the program: one call channel, one topic channel, and the path of a dropped
 * file. Names and arguments are checked on the other side.
 */
import { contextBridge, ipcRenderer, webUtils } from 'electron';

const api = {
  call: (name: string, args: unknown): Promise<unknown> => ipcRenderer.invoke('studio:call', name, args),
  on: (listener: (topic: string, data: unknown) => void): void => {
    ipcRenderer.on('studio:topic', (_event, topic: string, data: unknown) => listener(topic, data));
  },
  /**
   * Returns the path of a file or folder that the user dropped here. Sending it to the program makes it a picked one.
   */
  dropped: async (file: File): Promise<string | null> => {
    const path = webUtils.getPathForFile(file);
    return path ? ((await ipcRenderer.invoke('studio:dropped', path)) as string) : null;
  },
};

export type StudioBridge = typeof api;

contextBridge.exposeInMainWorld('studio', api);
