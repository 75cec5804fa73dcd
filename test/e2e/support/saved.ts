import type { Page } from 'playwright-core';
import { expect } from 'vitest';

/** The text that the window gives as a file. Read where it is made: not every host's pages tell of downloads. */
export async function savedBy(page: Page, act: () => Promise<void>): Promise<string> {
  await page.evaluate(() => {
    const make = URL.createObjectURL.bind(URL);
    document.body.dataset['saved'] = '';
    URL.createObjectURL = (blob: Blob) => {
      void blob.text().then((text) => (document.body.dataset['saved'] = text));
      return make(blob);
    };
  });
  await act();
  const read = (): Promise<string> => page.evaluate(() => document.body.dataset['saved'] ?? '');
  await expect.poll(read).not.toBe('');
  return read();
}
