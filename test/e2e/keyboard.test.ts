/**
 * The whole main job by keyboard alone, from the welcome to an export, including changes to a dataset and a schedule.
 */
import { cpSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { smallSample, temporary } from '../support/training';
import { HOSTS } from './support/app';
import { opensApps } from './support/opens-apps';
import { pickFolder } from './support/pick';

/** This many presses of Tab lead through any screen. */
const MOST_TABS = 150;
const RUN_MS = 90_000;

/** Returns about the name that a screen reader would read for the focused element. */
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
      // The focus must be visible: by an outline, or by the ring of a drawn element.
      const seen = await page.evaluate(() => {
        const element = document.activeElement as Element;
        const outlined = [element, element.parentElement as Element].some(
          (one) => getComputedStyle(one).outlineStyle !== 'none',
        );
        const ring = element.querySelector(':scope > .ring');
        return outlined || (ring !== null && getComputedStyle(ring).strokeWidth === '3px');
      });
      expect([text, seen]).toEqual([text, true]);
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
  const open = opensApps();

  it('a run is trained, paused, resumed, compared with another, and exported', async () => {
    const { page, home } = await open({ host });
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
    // With one size the checks are short, because each stage has its own.
    await press(page, 'Preset');
    await page.getByRole('option', { name: 'constant' }).waitFor();
    await page.keyboard.type('constant');
    await page.keyboard.press('Enter');
    await page.getByRole('slider').nth(1).waitFor({ state: 'detached' });
    await press(page, 'Start training');
    const second = await runOf(page);
    expect(second).not.toBe(first);
    await state(page, 'Running');
    await page.keyboard.press('Control+Shift+S');
    await state(page, 'Stopped');

    await page.keyboard.press('Control+4');
    await page.getByRole('heading', { level: 1, name: 'Runs' }).waitFor();
    await page.getByRole('row').nth(2).waitFor();
    // The grid is a single stop for Tab; arrows and space choose in it.
    for (let step = 0; step < MOST_TABS; step++) {
      await page.keyboard.press('Tab');
      if (await page.evaluate(() => document.activeElement?.closest('[role="grid"], [role="treegrid"]') !== null))
        break;
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
    for (let step = 0; step < 10 && !(await focused(page)).startsWith('Exports'); step++)
      await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await press(page, 'Export');
    await page.getByText(/^(Agrees with the run|Gives exactly the outputs)/).waitFor({ timeout: RUN_MS });
    const path = await page.locator('article code').first().textContent();
    expect(path).toContain(join(home, 'exports'));
    expect(existsSync(join(path as string, 'model.safetensors'))).toBe(true);
  }, 400_000);

  it('a folder is imported, files of it are left out, and its schedule is edited', async () => {
    const pictures = smallSample(join(temporary('keys'), 'signs'), 8);
    const zero = join(pictures, 'train', 'zero');
    cpSync(join(zero, readdirSync(zero).sort()[0] as string), join(zero, 'again.jpg'));
    const app = await open({ host, args: host === 'serve' ? ['--allow', pictures] : [] });
    const { page } = app;
    await page.getByRole('button', { name: 'Train the sample' }).waitFor();
    await pickFolder(app, pictures, () => page.keyboard.press('Control+o'));
    await page.waitForURL(/#\/reviews\//, { timeout: RUN_MS });
    const verdict = page.getByRole('heading', { name: /^Ready: \d+ images/ });
    const says = (images: number): Promise<void> => verdict.filter({ hasText: `${images} images` }).waitFor();
    await says(41);
    await press(page, 'Leave out 1 file');
    await says(40);
    await page.keyboard.press('Control+z');
    await says(41);
    await page.keyboard.press('Control+y');
    await says(40);
    await press(page, /^Import 40 images/);
    await page.waitForURL(/#\/datasets\/\w+/);
    await press(page, 'Train on this');
    await page.waitForURL(/#\/new/);

    const stages = page.getByRole('slider');
    await tabTo(page, /^Stage 1 of 10/);
    await page.keyboard.press('Enter');
    await expect.poll(() => stages.count()).toBe(11);
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Control+z');
    await page.keyboard.press('Control+z');
    await expect.poll(() => stages.count()).toBe(10);
    await page.keyboard.press('Control+Shift+Z');
    await expect.poll(() => stages.count()).toBe(11);
    await page.keyboard.press('Delete');
    await expect.poll(() => stages.count()).toBe(10);
  });
});
