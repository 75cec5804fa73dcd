/** Measures the page's own process: its share of a core and its memory. */
import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';

interface ProcessInfo {
  type: string;
  id: number;
  cpuTime: number;
}

/** Returns the renderer processes with the seconds of processor time that each has used, all threads together. */
async function renderers(browser: Browser): Promise<Map<number, number>> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = (await session.send('SystemInfo.getProcessInfo')) as { processInfo: ProcessInfo[] };
  await session.detach();
  return new Map(processInfo.filter(({ type }) => type === 'renderer').map(({ id, cpuTime }) => [id, cpuTime]));
}

export interface Load {
  /** In percent of one core. */
  cpu: number;
  /** Megabytes of the process alone, including swapped ones: the figure of a browser's task manager. */
  memory: number;
}

/** Finds the process of a page: the one that works while the page does. */
export async function processOf(browser: Browser, page: Page): Promise<number> {
  const before = await renderers(browser);
  await page.evaluate('{ const end = performance.now() + 400; while (performance.now() < end); }');
  const worked = [...(await renderers(browser))].map(([pid, cpu]) => ({ pid, cpu: cpu - (before.get(pid) ?? 0) }));
  return (worked.sort((x, y) => y.cpu - x.cpu)[0] as { pid: number }).pid;
}

export async function loadDuring(browser: Browser, pid: number, act: () => Promise<unknown>): Promise<Load> {
  const before = (await renderers(browser)).get(pid) as number;
  const began = performance.now();
  await act();
  const seconds = (performance.now() - began) / 1000;
  const after = (await renderers(browser)).get(pid) as number;
  return { cpu: (100 * (after - before)) / seconds, memory: ownMemory(pid) };
}

function ownMemory(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kilobytes = (field: string): number =>
    Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0);
  return (kilobytes('RssAnon') + kilobytes('VmSwap')) / 1024;
}
