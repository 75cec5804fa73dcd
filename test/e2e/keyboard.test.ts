/** The whole main job by keyboard alone: welcome, sample run, pause, resume, a second design, both compared, one exported. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterEach, describe, expect, it } from 'vitest';
import { HOSTS, openApp, type App } from './support/app';

/** So many steps of Tab lead around the whole of any screen. */
const MOST_TABS = 150;
const RUN_MS = 90_000;

/** Name of what has the focus, as a screen reader would call it, near enough. */
const focused = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const element = document.activeElement;
    if (!element || element === document.body) return '';
    const labelled = element.getAttribute('aria-label') ?? (element as HTMLInputElement).labels?.[0]?.textContent;
    return (labelled ?? element.textContent ?? '').trim();
  });

async function tabTo(page: Page, name: string | RegExp): Promise<void> {
  const fits = (text: string): boolean => (typeof name === 'string' ? text === name : name.test(text));
  const met: string[] = [];
  for (let step = 0; step < MOST_TABS; step++) {
    await page.keyboard.press('Tab');
    const text = await focused(page);
    if (fits(text)) {
      // What has the focus can be seen to have it.
      const outline = await page.evaluate(() => getComputedStyle(document.activeElement as Element).outlineStyle);
      const around = await page.evaluate(
        () => getComputedStyle((document.activeElement as Element).parentElement as Element).outlineStyle,
      );
      expect([text, outline === 'none' && around === 'none']).toEqual([text, false]);
      return;
    }
    met.push(text.slice(0, 40));
  }
  throw new Error(`Tab leads to no ${String(name)}, but to ${met.slice(0, 60).join(' | ')}`);
}

async function press(page: Page, name: string | RegExp): Promise<void> {
  await tabTo(page, name);
  await page.keyboard.press('Enter');
}

const state = (page: Page, word: string): Promise<void> =>
  page.getByTestId('run-state').filter({ hasText: word }).waitFor({ timeout: RUN_MS });

const runOf = async (page: Page): Promise<string> => {
  await page.waitForURL(/#\/runs\/\w+/, { timeout: RUN_MS });
  return /runs\/(\w+)/.exec(page.url())?.[1] as string;
};

describe.each(HOSTS)('by keyboard alone (%s)', (host) => {
  let app: App | null = null;
  afterEach(async () => {
    const last = app;
    app = null;
    await last?.close();
  });

  it('a run is trained, paused, resumed, compared with another, and exported', async () => {
    app = await openApp({ host });
    const { page, home } = app;
    const go = async (command: string): Promise<void> => {
      await page.keyboard.press('Control+k');
      await page.getByRole('combobox').waitFor();
      await page.keyboard.type(command);
      await page.keyboard.press('Enter');
    };

    await page.getByRole('button', { name: 'Train the sample' }).waitFor();
    await press(page, 'Train the sample');
    const first = await runOf(page);
    await state(page, 'Running');
    await press(page, 'Pause');
    await state(page, 'Paused');
    await press(page, 'Resume');
    await state(page, 'Running');
    await page.keyboard.press('Control+Shift+S');
    await state(page, 'Stopped');

    await go('Design a run');
    await page.waitForURL(/#\/new/);
    await press(page, 'Start training');
    const second = await runOf(page);
    expect(second).not.toBe(first);
    await state(page, 'Running');
    await page.keyboard.press('Control+Shift+S');
    await state(page, 'Stopped');

    await page.keyboard.press('Control+4');
    await page.getByRole('heading', { level: 1, name: 'Runs' }).waitFor();
    await page.getByRole('row').nth(2).waitFor();
    // The grid is one stop of Tab; arrows and space choose in it.
    for (let step = 0; step < MOST_TABS; step++) {
      await page.keyboard.press('Tab');
      if (await page.evaluate(() => document.activeElement?.closest('[role="grid"], [role="treegrid"]') !== null)) break;
    }
    await page.keyboard.press('Control+Home');
    await page.keyboard.press('Space');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Space');
    await press(page, 'Compare');
    await page.waitForURL(/#\/compare\?runs=/);
    expect(decodeURIComponent(page.url())).toContain(first);
    expect(decodeURIComponent(page.url())).toContain(second);
    await page.getByRole('heading', { level: 1, name: /Compare/ }).waitFor();
    await page.getByRole('table').first().waitFor();

    await page.goBack();
    await go('resnet_micro-efficienttrain');
    await page.waitForURL(/#\/runs\/\w+/);
    await page.getByRole('tab', { name: 'Charts' }).waitFor();
    await tabTo(page, 'Charts');
    for (let step = 0; step < 10 && !(await focused(page)).startsWith('Exports'); step++) await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await press(page, 'Export');
    await page.getByText(/^Says (exactly )?the same as the run/).waitFor({ timeout: RUN_MS });
    const path = await page.locator('article code').first().textContent();
    expect(path).toContain(join(home, 'exports'));
    expect(existsSync(join(path as string, 'model.safetensors'))).toBe(true);
  }, 400_000);
});
