/**
 * The whole job on photographs: import, review, schedule edit, start, live charts, pause, resume, compare, export, and
 * reading the exported file.
 */
import { cpSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { HOSTS } from './support/app';
import { opensApps } from './support/opens-apps';
import { pickFolder } from './support/pick';

/**
 * Classes, and number of photographs of each, from the bundled sample. The source has no validation split, so one is
 * drawn.
 */
const CLASSES = ['one', 'two', 'three', 'four', 'five'];
const PER_CLASS = 40;
const RUN_MS = 90_000;

const screen = (page: Page, name: string): Promise<void> =>
  page.getByRole('navigation', { name: 'Screens' }).getByRole('link', { name }).click();
const state = (page: Page, word: string): Promise<void> =>
  page.getByTestId('run-state').filter({ hasText: word }).waitFor({ timeout: RUN_MS });
const stepOf = async (page: Page): Promise<number> =>
  Number.parseInt((await page.getByTestId('run-step').textContent()) ?? '', 10);

async function startDesign(page: Page, epochs: string): Promise<string> {
  await page.getByLabel('Equivalent epochs').fill(epochs);
  await page.getByLabel('Equivalent epochs').press('Enter');
  await page.getByRole('button', { name: 'Start training' }).click();
  // The start first runs checks with real steps. Where one warns, as on a machine that is short of memory, the start
  // has to be confirmed.
  const anyway = page.getByRole('button', { name: 'Start anyway' });
  await Promise.race([page.waitForURL(/#\/runs\/\w+/, { timeout: RUN_MS }), anyway.waitFor({ timeout: RUN_MS })]);
  if (await anyway.isVisible()) await anyway.click();
  await page.waitForURL(/#\/runs\/\w+/, { timeout: RUN_MS });
  return /runs\/(\w+)/.exec(page.url())?.[1] as string;
}

function takePhotographs(): string {
  const folder = join(mkdtempSync(join(tmpdir(), 'photographs-')), 'signs');
  const sample = join(import.meta.dirname, '../../resources/sample/sign-digits/train');
  for (const name of CLASSES)
    for (const file of readdirSync(join(sample, name)).sort().slice(0, PER_CLASS))
      cpSync(join(sample, name, file), join(folder, name, file));
  return folder;
}

/** Returns the tensors that a safetensors file lists in its header: a length, then JSON. */
function tensorsIn(file: string): Record<string, { dtype: string; shape: number[] }> {
  const bytes = readFileSync(file);
  const header = JSON.parse(bytes.subarray(8, 8 + Number(bytes.readBigUInt64LE(0))).toString('utf8')) as Record<
    string,
    never
  >;
  return Object.fromEntries(Object.entries(header).filter(([name]) => name !== '__metadata__'));
}

describe.each(HOSTS)('the whole job (%s)', (host) => {
  const open = opensApps();

  it('from a folder of photographs to weights in a file', async () => {
    const photographs = takePhotographs();
    const app = await open({ host, args: host === 'serve' ? ['--allow', photographs] : [] });
    const { page, home } = app;
    page.setDefaultTimeout(30_000);

    await screen(page, 'Datasets');
    await pickFolder(app, photographs, () => page.getByRole('button', { name: 'Import dataset' }).click());
    await page.waitForURL(/#\/reviews\//, { timeout: RUN_MS });
    await page.getByRole('textbox', { name: 'Name' }).fill('signs');
    await page.getByRole('button', { name: /^Import \d+ images$/ }).click();
    await page.getByRole('heading', { name: 'signs', level: 1 }).waitFor();

    await page.getByRole('button', { name: 'Train on this' }).click();
    await page.waitForURL(/#\/new/);
    const bandwidth = page.getByLabel('B, px of stage 1', { exact: true });
    await bandwidth.waitFor();
    const before = await bandwidth.inputValue();
    const start = page.getByRole('button', { name: 'Start training' });
    // The model's patch does not divide this size. The size is flagged in place, Start is blocked, and the nearest
    // valid size is a click away.
    await bandwidth.fill('13');
    await bandwidth.press('Enter');
    await expect.poll(() => start.isDisabled()).toBe(true);
    expect(await start.getAttribute('title')).toMatch(/13/);
    await page
      .getByRole('button', { name: /^Use 1[26]$/ })
      .first()
      .click();
    await expect.poll(() => start.isDisabled()).toBe(false);
    await page.getByLabel('m of stage 1', { exact: true }).fill('3');
    await page.getByLabel('m of stage 1', { exact: true }).press('Enter');
    await page.getByRole('button', { name: 'Undo', exact: true }).click();
    await expect.poll(() => page.getByLabel('m of stage 1', { exact: true }).inputValue()).toBe('0');
    expect(await bandwidth.inputValue()).toMatch(before === '12' ? /^1[26]$/ : /\d+/);

    const first = await startDesign(page, '200');
    await state(page, 'Running');
    const chart = page.getByTestId('chart').first();
    await expect.poll(() => chart.getAttribute('data-ready'), { timeout: RUN_MS }).toBe('true');
    await expect.poll(() => stepOf(page), { timeout: RUN_MS }).toBeGreaterThan(3);
    const drawn = await chart.screenshot();
    const step = await stepOf(page);
    await expect.poll(() => stepOf(page), { timeout: RUN_MS }).toBeGreaterThan(step + 5);
    await expect.poll(async () => drawn.equals(await chart.screenshot()), { timeout: RUN_MS }).toBe(false);
    await page.getByRole('button', { name: 'Pause', exact: true }).click();
    await state(page, 'Paused');
    const paused = await stepOf(page);
    await page.getByRole('button', { name: 'Resume', exact: true }).click();
    await state(page, 'Running');
    await expect.poll(() => stepOf(page), { timeout: RUN_MS }).toBeGreaterThan(paused);
    await page.getByRole('button', { name: 'Stop', exact: true }).click();
    await state(page, 'Stopped');

    await screen(page, 'New run');
    await page.getByLabel('B, px of stage 1', { exact: true }).waitFor();
    const second = await startDesign(page, '4');
    await state(page, 'Completed');
    await page.evaluate((to) => (location.hash = to), `#/compare?runs=${first},${second}`);
    await page.locator('[data-testid=compare][data-ready=true]').waitFor();
    expect(await page.locator('table[aria-label=Comparison] thead a').count()).toBe(2);

    await page.evaluate((to) => (location.hash = to), `#/runs/${second}?tab=exports`);
    await page.getByRole('button', { name: 'Export', exact: true }).click();
    await page.getByText(/^(Agrees with the run|Gives exactly the outputs)/).waitFor({ timeout: RUN_MS });
    const folder = (await page.locator('article code').first().textContent()) as string;
    expect(folder).toContain(join(home, 'exports'));
    const tensors = tensorsIn(join(folder, 'model.safetensors'));
    expect(tensors['patch_embed.proj.weight']?.dtype).toBe('F32');
    expect(tensors['head.weight']?.shape[0]).toBe(CLASSES.length);
  }, 400_000);
});
