import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { entryPath } from '../../../src/main/entry';
import { leaveBrowser, takeBrowser } from './browser';
import type { Launch } from './launch';

const START_MS = 20_000;
const ADDRESS = /http:\/\/127\.0\.0\.1:\d+\/#token=[\w-]+/;

/** The window that `efficienttrain serve` serves, in a real browser. */
export const launchServe: Launch = async ({ home, args, env, viewport, colorScheme, watch }) => {
  const child = spawn(process.execPath, [entryPath('cli'), 'serve', '--port', '0', '--home', home, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  let said = '';
  const ended = once(child, 'exit');
  const address = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`serve printed no address within ${START_MS} ms:\n${said}`)), START_MS);
    const listen = (bytes: Buffer): void => {
      said += bytes.toString();
      const found = ADDRESS.exec(said);
      if (!found) return;
      clearTimeout(timer);
      resolve(found[0]);
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    child.once('exit', (code) => reject(new Error(`serve ended with ${code}:\n${said}`)));
  });
  const browser = await takeBrowser();
  const context = await browser.newContext({ viewport, colorScheme, locale: 'en-US' });
  const page = await context.newPage();
  await watch(page);
  await page.goto(address);
  return {
    ...{ page, child, printed: () => said },
    async close() {
      await context.close();
      await leaveBrowser();
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGINT');
      await ended;
    },
  };
};
