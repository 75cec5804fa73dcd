/** Measures the window beside a running training: its cost, and how soon it answers. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { inputs, watchInputs } from './page';
import { loadDuring, type Load } from './processes';

const RUNNER = fileURLToPath(new URL('../support/run-typescript.mjs', import.meta.url));
const WRITER = fileURLToPath(new URL('./live-run.ts', import.meta.url));

async function startWriter(home: string, run: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [RUNNER, WRITER, home, run], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit').then(() => Promise.reject(new Error('the writer of the live run ended')));
  await Promise.race([once(child.stdout as NodeJS.ReadableStream, 'data'), ended]);
  ended.catch(() => undefined);
  return child;
}

/** Trains a run while `use` shows it. */
export async function whileTrained<T>(home: string, run: string, use: () => Promise<T>): Promise<T> {
  const writer = await startWriter(home, run);
  try {
    return await use();
  } finally {
    const ended = once(writer, 'exit');
    writer.stdin?.end();
    await ended;
  }
}

/** Measures the load while nobody uses the window. */
export const restingLoad = (browser: Browser, pid: number, seconds: number): Promise<Load> =>
  loadDuring(browser, pid, () => sleep(seconds * 1000));

/** Moves over the page, types and clicks at a person's pace. @returns the milliseconds until each input's frame */
export async function inputLatency(page: Page, rounds: number): Promise<number[]> {
  await watchInputs(page);
  const { width, height } = page.viewportSize() as { width: number; height: number };
  for (let round = 0; round < rounds; round++) {
    for (let move = 0; move < 8; move++) {
      await page.mouse.move(width * (0.3 + 0.04 * move), height * (0.4 + 0.02 * (round % 5)));
      await sleep(30);
    }
    await page.keyboard.press('Shift');
    await sleep(60);
    await page.mouse.down();
    await page.mouse.up();
    await sleep(60);
  }
  await sleep(500);
  return inputs(page);
}
