/** Measures the window in a real browser over `serve`, beside an empty page in the same browser. */
import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { leaveBrowser, takeBrowser } from '../e2e/support/browser';
import { startServe } from '../support/serve';
import { quantile, spread, type Table } from './support/samples';
import { benchHome, SERIES, type BenchHome } from './window/home';
import { inputLatency, restingLoad, whileTrained } from './window/live';
import { timeToFilter, timeToOpen, whenDrawn, whenTrue } from './window/page';
import { processOf } from './window/processes';
import { opened, serveEmptyPage, startEmpty, startWindow, type StartUp } from './window/start-up';

const STARTS = 7;
const OPENS = 9;
const LIVE_SECONDS = 20;
const LIVE_TIMES = 3;
const INPUT_ROUNDS = 25;
const SIZE = { runs: 5000, historySteps: 144_000 };

export const title = 'The window';
export const notes = [
  'The built window in a headless Chromium (no GPU: it draws in software), 1440 × 900, served by `efficienttrain serve`. One data folder holds all of it: 5,000 runs, one of them of 1,000,000 points, twenty of',
  '100,000, and one that is being trained, with two hours behind it. "Trained" is a process that reports 20 steps a second with 10 series through the observer and the recorder of a real trainer; no network',
  'is computed, so that what is measured is the window. The empty page is a heading and a button, served by a plain Node server and opened in the same browser. Renderer: the page’s own process, all threads,',
  'in percent of one core; memory that is its own (anonymous and swapped). Input: moves, keys and presses, from the browser’s receipt of the event to the end of the frame after its handlers. Opening: from the',
  'change of the address to the frame after everything in sight is drawn, the first time left out. Start: from the start of the process to its address, and from there to a drawn Home.',
].join('\n');

type Log = (line: string) => void;

interface Figure {
  what: string;
  target: string;
  window: string;
  empty: string;
  met: boolean;
}

const row = ({ what, target, window, empty, met }: Figure): string[] => [
  what,
  target,
  window,
  empty,
  met ? 'yes' : 'no',
];

async function repeat(times: number, act: () => Promise<number>): Promise<number[]> {
  const values: number[] = [];
  for (let time = 0; time < times; time++) values.push(await act());
  return values;
}

async function startUp(browser: Browser, home: string): Promise<Figure[]> {
  const [own, empty]: [StartUp[], StartUp[]] = [[], []];
  for (let time = 0; time <= STARTS; time++) {
    own.push(await startWindow(browser, home));
    empty.push(await startEmpty(browser));
  }
  // The first start fills the system's file cache.
  const whole = (starts: StartUp[]): number[] => starts.slice(1).map(({ host, page }) => host + page);
  const part = (starts: StartUp[], name: keyof StartUp): number[] => starts.slice(1).map((start) => start[name]);
  const figure = (what: string, target: string, ownTimes: number[], emptyTimes: number[], met: boolean): Figure => ({
    ...{ what, target, met, window: spread(ownTimes, 'ms'), empty: spread(emptyTimes, 'ms') },
  });
  return [
    figure('usable after the start', '< 1,500 ms', whole(own), whole(empty), quantile(whole(own), 0.5) < 1500),
    figure('— of it, the host', '', part(own, 'host'), part(empty, 'host'), true),
    figure('— of it, the page', '', part(own, 'page'), part(empty, 'page'), true),
  ];
}

async function opening(page: Page, { million, compared }: BenchHome): Promise<Figure[]> {
  const timed = (hash: string, screen: 'run' | 'runs' | 'compare'): Promise<number[]> =>
    repeat(OPENS + 1, async () => {
      await timeToOpen(page, '#/', 'home');
      await sleep(700);
      return timeToOpen(page, hash, screen);
    }).then((values) => values.slice(1));
  const figure = (what: string, limit: number, values: number[]): Figure => ({
    ...{ what, target: `< ${limit} ms`, window: spread(values, 'ms'), empty: '', met: quantile(values, 0.5) < limit },
  });
  const run = await timed(`#/runs/${million}`, 'run');
  const compare = await timed(`#/compare?runs=${compared.join(',')}`, 'compare');
  const list = await timed('#/runs', 'runs');
  return [
    figure('a run of 1,000,000 points opens', 300, run),
    figure('20 runs of 100,000 points compare', 500, compare),
    figure('5,000 runs list', 100, list),
    figure('5,000 runs filter', 100, await filtering(page)),
  ];
}

/** Types keys, each of which leaves fewer runs. */
async function filtering(page: Page): Promise<number[]> {
  const values: number[] = [];
  const search = page.getByRole('searchbox').first();
  const rows = await page.getByTestId('runs-table').getAttribute('aria-rowcount');
  const isWhole = `document.querySelector('[data-testid="runs-table"]').getAttribute('aria-rowcount') === '${rows}'`;
  for (let time = 0; time < OPENS; time++) {
    await search.fill('');
    await whenTrue(page, isWhole);
    await sleep(500);
    await search.focus();
    for (const key of ['x', 'w']) {
      values.push(await timeToFilter(page, key));
      await sleep(300);
    }
  }
  await search.fill('');
  return values;
}

async function live(browser: Browser, page: Page, { home, live: run }: BenchHome): Promise<Figure[]> {
  const [cpu, memory]: [number[], number[]] = [[], []];
  const latency = await whileTrained(home, run, async () => {
    await page.goto(`${page.url().split('#')[0]}#/runs/${run}`);
    await whenDrawn(page, 'run');
    await sleep(5000);
    const before = await page.getByTestId('run-step').textContent();
    const pid = await processOf(browser, page);
    for (let time = 0; time < LIVE_TIMES; time++) {
      const load = await restingLoad(browser, pid, LIVE_SECONDS);
      cpu.push(load.cpu);
      memory.push(load.memory);
    }
    if ((await page.getByTestId('run-step').textContent()) === before) throw new Error('the live run did not move');
    return inputLatency(page, INPUT_ROUNDS);
  });
  const [emptyLoad, emptyLatency] = await emptyLive(browser);
  const p95 = (values: number[]): string =>
    `${quantile(values, 0.95).toFixed(0)} ms (median ${quantile(values, 0.5).toFixed(0)})`;
  return [
    {
      ...{
        what: 'renderer, live run in sight',
        target: '< 10 % of a core',
        window: spread(cpu, '%'),
        empty: spread([emptyLoad.cpu], '%'),
      },
      met: quantile(cpu, 0.5) < 10,
    },
    {
      ...{
        what: 'renderer’s memory',
        target: '< 300 MB',
        window: spread(memory, 'MB'),
        empty: spread([emptyLoad.memory], 'MB'),
      },
      met: quantile(memory, 0.5) < 300,
    },
    {
      ...{
        what: `input p95 meanwhile, ${latency.length} inputs`,
        target: '< 50 ms',
        window: p95(latency),
        empty: p95(emptyLatency),
      },
      met: quantile(latency, 0.95) < 50,
    },
  ];
}

async function emptyLive(browser: Browser): Promise<[Awaited<ReturnType<typeof restingLoad>>, number[]]> {
  const served = await serveEmptyPage();
  try {
    return await opened(browser, async (page) => {
      await page.goto(served.address);
      const load = await restingLoad(browser, await processOf(browser, page), LIVE_SECONDS);
      return [load, await inputLatency(page, INPUT_ROUNDS)];
    });
  } finally {
    served.close();
  }
}

export async function measure(log: Log): Promise<Table[]> {
  log(`a data folder of ${SIZE.runs} runs, ${SERIES.length} series`);
  const folder = await benchHome(SIZE);
  const browser = await takeBrowser();
  try {
    const figures: Figure[] = [];
    const found = (part: Figure[]): void => {
      figures.push(...part);
      for (const { what, window, empty } of part) log(`  ${what}: ${window}${empty && `; empty page ${empty}`}`);
    };
    log('start');
    found(await startUp(browser, folder.home));
    const serve = await startServe(folder.home);
    try {
      await opened(browser, async (page) => {
        await page.goto(serve.address);
        await whenDrawn(page, 'home');
        await sleep(2000);
        log('opening');
        found(await opening(page, folder));
        log('live');
        found(await live(browser, page, folder));
      });
    } finally {
      await serve.close();
    }
    return [{ columns: ['what', 'target', 'window', 'empty page', 'met'], rows: figures.map(row) }];
  } finally {
    await leaveBrowser();
    rmSync(folder.home, { recursive: true, force: true });
  }
}
