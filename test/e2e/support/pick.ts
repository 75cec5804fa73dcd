/** Picks a folder as a user of each host does: in the system's dialog, or in the window's own browser. */
import { basename } from 'node:path';
import type { App } from './app';

/** @param ask what opens the dialog */
export async function pickFolder({ page, electron }: App, folder: string, ask: () => Promise<void>): Promise<void> {
  if (electron) {
    await electron.evaluate(({ dialog }, picked) => {
      dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [picked] });
    }, folder);
    await ask();
    return;
  }
  await ask();
  const browser = page.getByRole('dialog');
  await browser.getByRole('textbox', { name: 'Path' }).fill(folder);
  await browser.getByRole('textbox', { name: 'Path' }).press('Enter');
  await browser.getByRole('button', { name: `Choose “${basename(folder)}”` }).click();
}
