/** A pre-training run in the window: its metrics, and its predictions of masked images. */
import { cpSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { databasePath } from '../../src/main/base/home';
import { detailSteps } from '../../src/main/store/evaluation-details';
import { openStore } from '../../src/main/store/open';
import type { Run } from '../../src/main/store/runs';
import { importFolder, newRun, smallSample, temporary, train } from '../support/training';
import { withStore } from '../support/with-store';
import { expectAccessible } from './support/accessible';
import { HOSTS, openApp, type App } from './support/app';
import { markWelcomed } from './support/welcomed';

const WAIT = { timeout: 60_000, interval: 150 };

interface Pretrained {
  home: string;
  pixels: Run;
  hog: Run;
}

/** The run is trained once for all hosts. */
let source: Promise<Pretrained> | null = null;

async function pretrained(): Promise<Pretrained> {
  const home = temporary('pretraining');
  const dataset = await importFolder(home, smallSample(join(home, 'signs'), 12));
  const settings = { model: 'mae_vit_micro_patch4', preset: 'constant', epochs: 4 };
  const pixels = newRun(home, dataset, { ...settings, set: ['eval.every=2'] });
  const hog = newRun(home, dataset, { ...settings, set: ['mae.target=hog'] });
  await train(home, pixels).ended;
  await train(home, hog).ended;
  withStore(home, markWelcomed);
  return { home, pixels, hog };
}

describe.each(HOSTS)('a pre-training run (%s)', (host) => {
  let made: Pretrained;
  let app: App;
  let page: Page;
  beforeAll(async () => {
    source ??= pretrained();
    made = await source;
    const home = join(temporary(`pretraining-${host}`), 'home');
    cpSync(made.home, home, { recursive: true });
    app = await openApp({ host, home });
    page = app.page;
  }, 300_000);
  afterAll(() => app.close());

  async function open(run: string, tab = ''): Promise<void> {
    await page.evaluate((to) => (location.hash = to), `#/runs/${run}${tab ? `?tab=${tab}` : ''}`);
    await page.getByRole('tab').first().waitFor();
  }
  const rows = () => page.getByTestId('reconstructions').locator('tbody tr');
  const slider = () => page.getByRole('slider', { name: 'Evaluation' });

  it('is judged by its validation loss in the table of runs and on its own screen', async () => {
    await page.evaluate(() => (location.hash = '#/runs'));
    await page.getByRole('columnheader', { name: 'Val loss' }).waitFor();
    await open(made.pixels.id);
    await page.getByText('Val loss, best').waitFor();
    expect(await page.locator('[data-testid=chart][data-chart="Accuracy"]').count()).toBe(0);
  });

  it('has reconstructions in place of classes and predictions', async () => {
    await open(made.pixels.id, 'reconstructions');
    const tabs = await page.getByRole('tab').allTextContents();
    expect(tabs.map((text) => text.trim()).filter((text) => /^(Reconstructions|Classes|Try)$/.test(text))).toEqual([
      'Reconstructions',
    ]);
    await expect.poll(() => rows().count(), WAIT).toBe(8);
    expect(await page.getByTestId('reconstructions').getByRole('columnheader').allTextContents()).toEqual([
      ...['Image, loss', 'Original', 'At B = 32 px', 'Masked', 'Prediction', 'Prediction + visible', 'Error'].map(
        (text) => expect.stringContaining(text),
      ),
    ]);
    for (const row of await rows().all()) {
      expect(await row.locator('img[src^="data:image/"]').count()).toBe(6);
      expect(await row.getByRole('rowheader').textContent()).toMatch(/loss \d/);
    }
    await expectAccessible(page);
  });

  it('shows the newest evaluation first, and earlier ones by the arrow keys', async () => {
    const store = openStore(databasePath(app.home));
    const steps = detailSteps(store, made.pixels.id, 'reconstructions', 'raw');
    store.close();
    expect(steps.length).toBeGreaterThan(1);
    const newest = await slider().getAttribute('aria-valuetext');
    expect(newest).toContain(`After step ${steps.at(-1)},`);
    await slider().focus();
    await page.keyboard.press('ArrowLeft');
    await expect.poll(() => slider().getAttribute('aria-valuetext'), WAIT).toContain(`After step ${steps.at(-2)},`);
    await page.getByRole('button', { name: 'Newest evaluation' }).click();
    await expect.poll(() => slider().getAttribute('aria-valuetext'), WAIT).toBe(newest);
  });

  it('has the target and the prediction as strokes where histograms of gradients are predicted', async () => {
    await open(made.hog.id, 'reconstructions');
    await expect.poll(() => rows().count(), WAIT).toBe(8);
    await page.getByRole('columnheader', { name: 'Target (HOG)' }).waitFor();
    expect(await rows().first().locator('img[src^="data:image/png"]').count()).toBe(6);
  });

  it('says of a file that is gone that it is, and shows what was predicted', async () => {
    const images = join(made.home, 'signs', 'val');
    renameSync(images, `${images}-away`);
    try {
      await open(made.pixels.id, 'reconstructions');
      await expect.poll(() => rows().first().textContent(), WAIT).toContain('Its file can’t be read now');
      expect(await rows().first().locator('img').count()).toBe(1);
    } finally {
      renameSync(`${images}-away`, images);
    }
  });
});
