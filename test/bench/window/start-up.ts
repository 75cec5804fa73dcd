/** Measures the time from the start of a process to a usable page, and the same for an empty page. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { startServe } from '../../support/serve';
import { DRAWN, whenTrue } from './page';

export interface StartUp {
  /** Milliseconds from the process's start to its address. */
  host: number;
  /** Milliseconds from opening the address to the frame after the screen is drawn. */
  page: number;
}

export const VIEWPORT = { width: 1440, height: 900 };

export async function opened<T>(browser: Browser, use: (page: Page) => Promise<T>): Promise<T> {
  const context = await browser.newContext({ viewport: VIEWPORT, locale: 'en-US' });
  try {
    return await use(await context.newPage());
  } finally {
    await context.close();
  }
}

/** Returns the time by the page's own clock, from its navigation's start to the frame after `drawn` is true. */
async function openPage(page: Page, address: string, drawn: string): Promise<number> {
  await page.addInitScript(`{
    const look = () => {
      if (document.body && ${drawn}) requestAnimationFrame(() => (window.benchDrawn = performance.now()));
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  }`);
  await page.goto(address);
  await whenTrue(page, 'window.benchDrawn !== undefined');
  return page.evaluate('window.benchDrawn');
}

export async function startWindow(browser: Browser, home: string): Promise<StartUp> {
  const began = performance.now();
  const serve = await startServe(home);
  const host = performance.now() - began;
  try {
    return { host, page: await opened(browser, (page) => openPage(page, serve.address, DRAWN.home)) };
  } finally {
    await serve.close();
  }
}

export interface EmptyPage {
  address: string;
  /** Milliseconds to its address. */
  host: number;
  close: () => void;
}

export async function serveEmptyPage(): Promise<EmptyPage> {
  const began = performance.now();
  const child = spawn(process.execPath, [join(import.meta.dirname, 'empty-page.mjs')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { address: line.toString().trim(), host: performance.now() - began, close: () => child.kill() };
}

export async function startEmpty(browser: Browser): Promise<StartUp> {
  const served = await serveEmptyPage();
  try {
    const page = await opened(browser, (fresh) =>
      openPage(fresh, served.address, `document.querySelector('button') !== null`),
    );
    return { host: served.host, page };
  } finally {
    served.close();
  }
}
