/** Receives folders that are opened with the program: on its command line, by a second start, by a drop on its icon. */
import { app } from 'electron';
import { z } from 'zod';
import { isFolder } from './window-options';

const secondStart = z.object({ folder: z.string().nullable() });

/** Folders that come before the program is ready wait. */
export function listenForFolders(first: string | null): { to(open: (folder: string | null) => void): void } {
  const waiting: (string | null)[] = first === null ? [] : [first];
  let open: ((folder: string | null) => void) | null = null;
  const opened = (folder: string | null): void => {
    if (open) open(folder);
    else waiting.push(folder);
  };
  // Another process of this user may have sent anything.
  app.on('second-instance', (_event, _arguments, _folder, data) => {
    const parsed = secondStart.safeParse(data);
    opened(parsed.success ? parsed.data.folder : null);
  });
  app.on('open-file', (event, path) => {
    event.preventDefault();
    if (isFolder(path)) opened(path);
  });
  return {
    to(listener) {
      open = listener;
      for (const folder of waiting.splice(0)) listener(folder);
    },
  };
}
