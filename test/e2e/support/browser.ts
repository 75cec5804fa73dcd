/** One browser for all windows of a test file, closed with the last of them. */
import { chromium, type Browser } from 'playwright-core';
import { CHROMIUM_FLAGS, findChromium } from './chromium';

let opening: Promise<Browser> | null = null;
let users = 0;

export async function takeBrowser(): Promise<Browser> {
  users++;
  opening ??= findChromium().then(({ path, env }) =>
    chromium.launch({
      executablePath: path,
      args: CHROMIUM_FLAGS,
      env: { ...process.env, ...env } as Record<string, string>,
    }),
  );
  return opening;
}

export async function leaveBrowser(): Promise<void> {
  if (--users > 0 || !opening) return;
  const last = opening;
  opening = null;
  await (await last).close();
}
