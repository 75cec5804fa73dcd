import type { Page } from 'playwright-core';
import { expect } from 'vitest';

/**
 * Returns the text that the window saves as a file. It is read in the page, because not every host reports downloads.
 */
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
