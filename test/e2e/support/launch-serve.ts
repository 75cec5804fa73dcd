import { startServe } from '../../support/serve';
import { leaveBrowser, takeBrowser } from './browser';
import type { Launch } from './launch';

/** Opens the window that `efficienttrain serve` serves, in a real browser. */
export const launchServe: Launch = async ({ home, args, env, viewport, colorScheme, watch }) => {
  const { address, child, printed, close } = await startServe(home, args, env);
  const browser = await takeBrowser();
  const context = await browser.newContext({ viewport, colorScheme, locale: 'en-US' });
  const page = await context.newPage();
  await watch(page);
  await page.goto(address);
  return {
    ...{ page, child, printed },
    async close() {
      await context.close();
      await leaveBrowser();
      await close();
    },
  };
};
