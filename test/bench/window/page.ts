/** Times actions within the page, by its own clock: from the cause to the frame after the effect. */
import type { Page } from 'playwright-core';

/** Expressions in the page that say whether a screen is drawn. */
export const DRAWN = {
  home: `document.querySelector('main h1') !== null`,
  /** Every visible chart has to show its curves. */
  run: `(() => {
    const charts = [...document.querySelectorAll('[data-testid="chart"]')].filter((chart) => {
      const { top, bottom } = chart.getBoundingClientRect();
      return bottom > 0 && top < innerHeight;
    });
    const isDrawn = (chart) => chart.dataset.ready === 'true' && chart.querySelector('.nothing') === null;
    return document.querySelector('[data-testid="run-state"]') !== null && charts.length >= 3 && charts.every(isDrawn);
  })()`,
  runs: `document.querySelector('[data-testid="runs-table"][data-ready="true"]') !== null`,
  compare: `document.querySelector('[data-testid="compare"][data-ready="true"]') !== null`,
} as const;

export type Screen = keyof typeof DRAWN;

const LIMIT_MS = 30_000;

/** Returns the milliseconds from a change of the address to the frame after the screen is drawn. */
export async function timeToOpen(page: Page, hash: string, screen: Screen): Promise<number> {
  return page.evaluate(`new Promise((resolve, reject) => {
    const began = performance.now();
    const look = () => {
      if (${DRAWN[screen]}) requestAnimationFrame(() => resolve(performance.now() - began));
      else if (performance.now() - began > ${LIMIT_MS}) reject(new Error('${screen} was not drawn within ${LIMIT_MS} ms'));
      else requestAnimationFrame(look);
    };
    location.hash = ${JSON.stringify(hash)};
    requestAnimationFrame(look);
  })`);
}

/**
 * Resolves when an expression is true; it is evaluated at each frame. (Playwright's own waiting evaluates text in the
 * page, which the policy forbids.)
 */
export const whenTrue = (page: Page, expression: string): Promise<unknown> =>
  page.evaluate(`new Promise((resolve, reject) => {
    const began = performance.now();
    const look = () => {
      if (${expression}) resolve();
      else if (performance.now() - began > ${LIMIT_MS}) reject(new Error(${JSON.stringify(expression)} + ' did not come true'));
      else requestAnimationFrame(look);
    };
    look();
  })`);

/** Resolves when a screen is drawn. */
export const whenDrawn = (page: Page, screen: Screen): Promise<unknown> => whenTrue(page, DRAWN[screen]);

/**
 * Records from now on how long each input takes: from the browser's receipt of it to the end of the frame that follows
 * its handlers.
 */
export const watchInputs = (page: Page): Promise<unknown> =>
  page.evaluate(`(() => {
    window.benchInputs = [];
    const channel = new MessageChannel();
    const waiting = [];
    channel.port1.onmessage = () => {
      const now = performance.now();
      for (const began of waiting.splice(0)) window.benchInputs.push(now - began);
    };
    for (const type of ['pointermove', 'keydown', 'pointerdown'])
      addEventListener(type, (event) => requestAnimationFrame(() => {
        waiting.push(event.timeStamp);
        channel.port2.postMessage(null);
      }), { capture: true, passive: true });
  })()`);

export const inputs = (page: Page): Promise<number[]> => page.evaluate('window.benchInputs.splice(0)');

/** Returns the milliseconds from a key to the frame after the table's number of rows has changed. */
export async function timeToFilter(page: Page, key: string): Promise<number> {
  const answer = page.evaluate(`new Promise((resolve, reject) => {
    const table = document.querySelector('[data-testid="runs-table"]');
    const rows = table.getAttribute('aria-rowcount');
    let began = 0;
    addEventListener('keydown', (event) => (began = event.timeStamp), { capture: true, once: true });
    const timer = setTimeout(() => reject(new Error('the table did not change')), ${LIMIT_MS});
    new MutationObserver((_changes, observer) => {
      if (table.getAttribute('aria-rowcount') === rows) return;
      observer.disconnect();
      clearTimeout(timer);
      requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - began)));
    }).observe(table, { attributes: true });
  })`) as Promise<number>;
  await page.evaluate('0');
  await page.keyboard.press(key);
  return answer;
}
