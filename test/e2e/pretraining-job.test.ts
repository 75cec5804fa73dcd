/**
 * The whole job of a masked autoencoder in the window: import without labels, design, start, watch its reconstructions,
 * fine-tune from it, compare with training from scratch, and export it whole. It runs on one host; other specifications
 * test the differences between hosts.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { importFolder, smallSample, temporary } from '../support/training';
import { expectAccessible } from './support/accessible';
import { openApp, type App } from './support/app';
import { pickFolder } from './support/pick';

const RUN_MS = 90_000;

const go = (page: Page, hash: string): Promise<string> => page.evaluate((to) => (location.hash = to), hash);
const completed = (page: Page): Promise<void> =>
  page.getByTestId('run-state').filter({ hasText: 'Completed' }).waitFor({ timeout: RUN_MS });

async function fill(page: Page, label: string, value: string): Promise<void> {
  await page.getByLabel(label, { exact: true }).fill(value);
  await page.getByLabel(label, { exact: true }).press('Enter');
}

/** @returns the run's id, once it has ended */
async function train(page: Page, name: string): Promise<string> {
  await fill(page, 'Equivalent epochs', '2');
  await fill(page, 'Batch', '8');
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByRole('button', { name: 'Start training' }).click();
  const anyway = page.getByRole('button', { name: 'Start anyway' });
  await Promise.race([page.waitForURL(/#\/runs\/\w+/, { timeout: RUN_MS }), anyway.waitFor({ timeout: RUN_MS })]);
  if (await anyway.isVisible()) await anyway.click();
  await page.waitForURL(/#\/runs\/\w+/, { timeout: RUN_MS });
  await completed(page);
  return /runs\/(\w+)/.exec(page.url())?.[1] as string;
}

describe('the whole job of a masked autoencoder', () => {
  const place = temporary('pretraining-job');
  const home = join(place, 'home');
  let app: App;
  let page: Page;
  let pretrained: string;
  let tuned: string;

  beforeAll(async () => {
    await importFolder(home, smallSample(join(place, 'signs'), 16));
    smallSample(join(place, 'photos'), 16);
    app = await openApp({ host: 'serve', home, args: ['--allow', place] });
    page = app.page;
    page.setDefaultTimeout(30_000);
  }, 120_000);
  afterAll(() => app.close());

  it('imports images without labels', async () => {
    await go(page, '#/datasets');
    await pickFolder(app, join(place, 'photos'), () => page.getByRole('button', { name: 'Import dataset' }).click());
    await page.waitForURL(/#\/reviews\//, { timeout: RUN_MS });
    await page.getByRole('button', { name: 'Read without labels' }).click();
    await page
      .getByText(/no labels\./)
      .first()
      .waitFor({ timeout: RUN_MS });
    await page.getByRole('button', { name: /^Import \d+ images$/ }).click();
    await page.getByRole('heading', { name: 'photos', level: 1 }).waitFor();
  }, 120_000);

  it('designs pre-training, which has no magnitude and says the decoder’s own numbers, and trains it', async () => {
    await page.getByRole('button', { name: 'Train on this' }).click();
    await page.getByLabel('B, px of stage 1', { exact: true }).waitFor();
    expect(await page.getByRole('button', { name: 'Pre-train (MAE)' }).getAttribute('aria-pressed')).toBe('true');
    expect(await page.getByLabel('m of stage 1', { exact: true }).count()).toBe(0);
    await page.getByRole('tab', { name: 'Recipe' }).click();
    expect(await page.getByLabel('mae.decoder_depth').getAttribute('placeholder')).toBe('2');
    await page.getByRole('tab', { name: 'Run', exact: true }).click();
    pretrained = await train(page, 'pre-trained');
    expect(await page.getByText(/· m \d/).count()).toBe(0);
  }, 240_000);

  it('shows what it predicts of masked images', async () => {
    await page.getByRole('tab', { name: 'Reconstructions' }).click();
    const rows = page.getByTestId('reconstructions').locator('tbody tr');
    await expect.poll(() => rows.count(), { timeout: RUN_MS }).toBe(8);
  }, 120_000);

  it('is fine-tuned from its own screen', async () => {
    await page.getByRole('button', { name: 'Fine-tune from this' }).click();
    await page.waitForURL(/#\/new\/\w+/);
    await expect.poll(() => page.getByRole('combobox', { name: 'Start from' }).textContent()).toContain('pre-trained');
    expect(await page.getByRole('combobox', { name: 'Preset' }).textContent()).toContain('finetune-mae');
    expect(await page.getByRole('combobox', { name: 'Dataset' }).textContent()).toContain('signs');
    await expectAccessible(page);
    tuned = await train(page, 'fine-tuned');
    const lineage = page.getByTestId('lineage');
    expect(await lineage.textContent()).toMatch(/photos.*pre-trained.*step \d+.*fine-tuned/s);
    expect(await page.getByTestId('lineage-compute').textContent()).toMatch(
      /^4(\.0\d?)? equivalent epochs along the path$/,
    );
    await expectAccessible(page);
    await lineage.getByRole('link', { name: /pre-trained/ }).click();
    await page.waitForURL(new RegExp(pretrained));
    await expect
      .poll(() =>
        page
          .getByTestId('lineage')
          .getByRole('link', { name: /fine-tuned/ })
          .count(),
      )
      .toBe(1);
  }, 240_000);

  it('is compared with the same model from random weights', async () => {
    await go(page, `#/runs/${tuned}`);
    await page.getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('menuitem', { name: 'Clone as new draft' }).click();
    await page.waitForURL(/#\/new\/\w+/);
    await page.getByRole('combobox', { name: 'Start from' }).click();
    await page.getByRole('option', { name: 'Random weights' }).click();
    const scratch = await train(page, 'from scratch');
    expect(await page.getByTestId('lineage').count()).toBe(0);
    await page.getByRole('navigation', { name: 'Screens' }).getByRole('link', { name: 'Transfer' }).click();
    const matrix = page.getByTestId('transfer-matrix');
    await matrix.waitFor();
    expect(await matrix.locator('tbody th .name').allTextContents()).toEqual(['pre-trained', 'From random weights']);
    await expectAccessible(page);
    await matrix.locator('tbody tr').first().getByRole('link').click();
    await page.locator('[data-testid=compare][data-ready=true]').waitFor();
    expect(new URL(page.url()).hash).toContain(`${scratch},${tuned}`);
    expect(await page.locator('table[aria-label=Comparison] thead a').count()).toBe(2);
  }, 240_000);

  it('is a source on the transfer screen, which says how its weights fit and measures its neighbours', async () => {
    await go(page, `#/transfer?run=${pretrained}`);
    const facts = page.getByTestId('transfer-facts');
    await facts.waitFor({ timeout: RUN_MS });
    expect(await facts.textContent()).toMatch(
      /\d+ of \d+ tensors match.*The classifier is new.*tensors of the decoder are left out/s,
    );
    expect(await page.getByRole('img', { name: /^Learning rate by layer, 6 layers/ }).count()).toBe(1);
    await page.getByRole('button', { name: 'Linear probe' }).click();
    await expect.poll(() => page.getByText(/preset probe-mae, 90 equivalent epochs/).count()).toBe(1);
    await page.getByRole('button', { name: 'k-NN' }).click();
    await page.getByRole('button', { name: 'Measure' }).click();
    await page.getByText(/^k-NN top-1 [\d.]+ %: 16 images by the 20 nearest of 64/).waitFor({ timeout: RUN_MS });
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Linear probe' }).click();
    await page.getByRole('button', { name: 'Design the run' }).click();
    await page.waitForURL(/#\/new\/\w+/);
    await expect
      .poll(() => page.getByRole('button', { name: 'Linear probe' }).getAttribute('aria-pressed'))
      .toBe('true');
  }, 240_000);

  it('is exported with its decoder', async () => {
    await go(page, `#/runs/${pretrained}?tab=exports`);
    await page.getByRole('button', { name: 'Encoder and decoder' }).click();
    await page.getByRole('button', { name: 'Export', exact: true }).click();
    await page.getByText(/^(Agrees with the run|Gives exactly the outputs)/).waitFor({ timeout: RUN_MS });
    const folder = (await page.locator('article code').first().textContent()) as string;
    expect(readdirSync(folder)).toContain('model.safetensors');
    expect(readFileSync(join(folder, 'config.json'), 'utf8')).toContain('decoder_embed_dim');
  }, 240_000);
});
