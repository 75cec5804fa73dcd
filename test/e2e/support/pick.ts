/** Picks a folder or a table as a user of each host does: in the system's dialog, or in the window's own browser. */
import { basename, dirname } from 'node:path';
import type { App } from './app';

/** @returns whether the host has the system's dialog */
async function pickNatively({ electron }: App, path: string): Promise<boolean> {
  await electron?.evaluate(({ dialog }, picked) => {
    dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [picked] });
  }, path);
  return electron !== undefined;
}

/** Picks a folder. @param ask opens the dialog */
export async function pickFolder(app: App, folder: string, ask: () => Promise<void>): Promise<void> {
  const picked = await pickNatively(app, folder);
  await ask();
  if (picked) return;
  const browser = app.page.getByRole('dialog');
  await browser.getByRole('textbox', { name: 'Path' }).fill(folder);
  await browser.getByRole('textbox', { name: 'Path' }).press('Enter');
  await browser.getByRole('button', { name: `Choose “${basename(folder)}”` }).click();
}

/** Picks a file. @param ask opens the dialog */
export async function pickFile(app: App, file: string, ask: () => Promise<void>): Promise<void> {
  const picked = await pickNatively(app, file);
  await ask();
  if (picked) return;
  const browser = app.page.getByRole('dialog');
  await browser.getByRole('textbox', { name: 'Path' }).fill(dirname(file));
  await browser.getByRole('textbox', { name: 'Path' }).press('Enter');
  await browser.getByRole('option', { name: basename(file) }).click();
  await browser.getByRole('button', { name: `Choose “${basename(file)}”` }).click();
}
