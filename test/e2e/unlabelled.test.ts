/**
 * Images in no class folder: the offer to import them without labels, the resulting dataset, and what a run reports of
 * it.
 */
import { cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { temporary } from '../support/training';
import { expectAccessible } from './support/accessible';
import { HOSTS, openApp, type App } from './support/app';
import { pickFolder } from './support/pick';

const SIGNS = join(import.meta.dirname, '../../resources/sample/sign-digits/train');

/** Makes ten images in a folder train and four in a folder val, in no class. */
function pictures(place: string, name: string): string {
  const root = join(place, name);
  const copy = (split: string, of: string, from: number, to: number): void => {
    mkdirSync(join(root, split), { recursive: true });
    for (const file of readdirSync(join(SIGNS, of)).sort().slice(from, to))
      cpSync(join(SIGNS, of, file), join(root, split, `${of}-${file}`));
  };
  copy('train', 'zero', 0, 5);
  copy('train', 'one', 0, 5);
  copy('val', 'two', 0, 4);
  return root;
}

vi.setConfig({ testTimeout: 120_000 });
const eventually = { timeout: 20_000 };

const question = (page: Page): Promise<void> =>
  page.getByRole('heading', { name: 'No class folders were found.' }).waitFor();
const verdict = (page: Page): Promise<string | null> => page.locator('.verdict h2').textContent();
const pickSource = (app: App, source: string): Promise<void> =>
  pickFolder(app, source, () => app.page.getByRole('button', { name: 'Import dataset' }).click());

describe.each(HOSTS)('images without labels (%s)', (host) => {
  const place = temporary('unlabelled');
  let app: App;
  let page: Page;
  beforeAll(async () => {
    app = await openApp({ host, args: host === 'serve' ? ['--allow', place] : [] });
    page = app.page;
    page.setDefaultTimeout(30_000);
    await page.getByRole('navigation', { name: 'Screens' }).getByRole('link', { name: 'Datasets' }).click();
  });
  afterAll(() => app.close());

  it('are offered an import without labels, or the table that lies beside', async () => {
    const source = pictures(place, 'with-table');
    const named = readdirSync(join(source, 'train')).map((file) => `train/${file},${file.split('-')[0]}`);
    writeFileSync(join(source, 'labels.csv'), ['path,label', ...named, ''].join('\n'));
    await pickSource(app, source);
    await question(page);
    expect(await page.getByRole('button', { name: /^Import \d/ }).count()).toBe(0);
    await page.getByRole('button', { name: 'Read labels.csv' }).click();
    await page.locator('.verdict').waitFor();
    expect(await verdict(page)).toMatch(/^Ready: 10 images, 2 classes\./);
    await page.getByRole('button', { name: 'Discard' }).click();
  });

  it('are counted by their splits before anything is read', async () => {
    await pickSource(app, pictures(place, 'pictures'));
    await question(page);
    const answer = page.locator('[data-answer="unlabelled"]');
    expect(await answer.textContent()).toMatch(/Train.*10 images.*Validation.*4 images/s);
    expect(await page.getByRole('button', { name: 'Choose another source' }).isEnabled()).toBe(true);
    await expectAccessible(page);
  });

  it('are reviewed without anything about classes', async () => {
    await page.getByRole('button', { name: 'Import without labels' }).click();
    await page.locator('.verdict').waitFor();
    expect(await verdict(page)).toMatch(/^Ready: 14 images, no labels\./);
    expect(await page.getByRole('listbox', { name: 'Classes' }).count()).toBe(0);
    const settings = page.getByRole('complementary', { name: 'Import as' });
    expect(await settings.textContent()).toMatch(
      /The source has its own validation split.*images without labels.*Train.*train/s,
    );
    await expect.poll(() => page.getByRole('grid').locator('img[src^="data:image/"]').count(), eventually).toBe(10);
    await expectAccessible(page);
  });

  it('are read with labels again, and back', async () => {
    await page.getByRole('button', { name: 'Read with labels' }).click();
    await question(page);
    await page.getByRole('button', { name: 'Import without labels' }).click();
    await page.locator('.verdict').waitFor();
    expect(await verdict(page)).toMatch(/^Ready: 14 images, no labels\./);
  });

  it('become a dataset that shows its splits and pictures, and no classes', async () => {
    await page.getByRole('button', { name: 'Import 14 images' }).click();
    await page.getByText('pictures imported: 14 images without labels').waitFor();
    await page.getByRole('heading', { name: 'pictures', level: 1, exact: true }).waitFor();
    await expect
      .poll(() => page.locator('.facts').textContent(), eventually)
      .toMatch(/14.*Train 10 · Validation 4.*Classes.*none.*images without labels/s);
    expect(await page.getByRole('listbox', { name: 'Classes' }).count()).toBe(0);
    await page.getByRole('group', { name: 'Split' }).getByText('Validation').click();
    const grid = page.getByRole('grid', { name: 'Images' });
    await expect.poll(() => grid.locator('img[src^="data:image/"]').count(), eventually).toBe(4);
    await grid.focus();
    await page.keyboard.press('Enter');
    const panel = page.getByRole('complementary', { name: 'Picture' });
    await panel.getByText('1 of 4').waitFor();
    expect(await panel.textContent()).not.toContain('Class');
    await page.keyboard.press('Escape');
    await expectAccessible(page);
  });

  it('are listed with their pictures and splits', async () => {
    await page.getByRole('navigation', { name: 'Screens' }).getByRole('link', { name: 'Datasets' }).click();
    const row = page.getByRole('listitem').filter({ hasText: 'pictures' });
    await expect.poll(() => row.textContent(), eventually).toMatch(/14 images.*Train 10 · Validation 4.*no labels/s);
    await expect.poll(() => row.locator('img[src^="data:image/"]').count(), eventually).toBe(3);
    expect(await row.getByRole('img', { name: /classes/ }).count()).toBe(0);
    await expectAccessible(page);
  });

  it('train a masked autoencoder and no classifier: the design of a run says so, and does not begin', async () => {
    await page.getByRole('button', { name: 'Actions for pictures' }).click();
    await page.getByRole('menuitem', { name: 'Train on this' }).click();
    const start = page.getByRole('button', { name: /^Start/ }).first();
    await expect.poll(() => start.isEnabled(), eventually).toBe(true);
    expect(await page.getByRole('columnheader', { name: 'm', exact: true }).count()).toBe(0);
    await expectAccessible(page);
    await page.getByRole('tab', { name: 'Recipe' }).click();
    await page.getByRole('combobox', { name: 'mae.target' }).waitFor();
    await page.getByRole('tab', { name: 'Run' }).click();
    await page.getByRole('group', { name: 'Task' }).getByText('Classify').click();
    await page.getByRole('alert').filter({ hasText: 'Its images have no labels' }).waitFor();
    expect(await start.isDisabled()).toBe(true);
    expect(await page.getByRole('columnheader', { name: 'm', exact: true }).count()).toBe(1);
    await expectAccessible(page);
  });
});
