/** The zoo in the window: filtered, sorted and measured, and a run is designed from it, by keyboard and in Chinese. */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { databasePath } from '../../src/main/base/home';
import { openStore } from '../../src/main/store/open';
import { machineName } from '../../src/main/services/preflight/measuring-machine';
import { keepMeasurement } from '../../src/main/store/model-measurements';
import { engineMissing } from '../support/engine';
import { seedDataset, seedRun } from '../support/seeded-runs';
import { importFolder, smallSample, temporary } from '../support/training';
import { withStore } from '../support/with-store';
import { expectAccessible } from './support/accessible';
import { answerCalls } from './support/answer-calls';
import { openApp, type App } from './support/app';
import { savedBy } from './support/saved';
import { markWelcomed } from './support/welcomed';

describe('the zoo', () => {
  let app: App;
  let page: Page;
  beforeAll(async () => {
    const home = temporary('zoo-window');
    await importFolder(home, smallSample(join(home, 'signs'), 8));
    withStore(home, markWelcomed);
    app = await openApp({
      ...{ host: 'serve', home, viewport: { width: 1024, height: 700 } },
      // What is measured is kept by the name of the processor.
      env: { CUDA_VISIBLE_DEVICES: '-1' },
    });
    page = app.page;
    await page.getByRole('link', { name: 'Models', exact: true }).click();
    await page.getByTestId('zoo-table').waitFor();
  }, 120_000);
  afterAll(() => app.close());

  const row = (model: string) => page.locator(`tr[data-model="${model}"]`);
  const models = (): Promise<(string | null)[]> =>
    page.locator('tbody tr').evaluateAll((rows) => rows.map((each) => each.getAttribute('data-model')));
  const filter = (text: string): Promise<void> => page.getByLabel('Filter by name or family').fill(text);

  async function setSize(size: number): Promise<void> {
    await page.getByLabel('Image size').fill(String(size));
    await page.keyboard.press('Tab');
  }

  it('lists every model with its cost and the papers’ rows, and marks what is not measured', async () => {
    expect((await models()).length).toBeGreaterThan(50);
    const swin = row('swin_tiny_patch4_window7_224');
    for (const text of ['28.3 M', '4.49', 'n × 32', 'not measured', '81.3 % → 81.6 %', '≥ 453 MB', 'efficienttrain++'])
      expect(await swin.textContent()).toContain(text);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(1024);
    await filter('swin_');
    await expectAccessible(page);
    await filter('');
  });

  it('is filtered by name and family, and empty with a way back', async () => {
    await page.getByRole('button', { name: /^Swin/ }).click();
    expect(await models()).toHaveLength(5);
    await filter('nonsense');
    await page.getByRole('heading', { name: 'No model fits' }).waitFor();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Show all models' }).click();
    expect((await models()).length).toBeGreaterThan(50);
  });

  it('says which sizes a model refuses, and the nearest ones', async () => {
    await setSize(100);
    expect(await row('swin_micro').textContent()).toContain('Not at 100 px. Nearest: 96 or 104 px');
    expect(await row('vit_huge_patch14_224').textContent()).toContain('Nearest: 98 or 112 px');
    expect(await row('convnext_micro').textContent()).not.toContain('Not at');
    expect(await row('swin_micro').getByRole('button', { name: 'Measure swin_micro' }).isDisabled()).toBe(true);
  });

  it('shows that it loads, says what has failed, and asks again', async () => {
    const answers = await answerCalls(page);
    answers.hold('models.list');
    await page.reload();
    await page.locator('main [aria-busy=true] .line').first().waitFor();
    answers.fail('models.list', { code: 'internal', what: 'The list broke.', why: 'Planted.', next: 'Ask again.' });
    const alert = page.getByRole('alert');
    await alert.getByText('The list broke.').waitFor();
    expect(await page.getByTestId('zoo-table').count()).toBe(0);
    await expectAccessible(page);
    answers.release('models.list');
    await alert.getByRole('button', { name: 'Try again' }).focus();
    await page.keyboard.press('Enter');
    await page.getByTestId('zoo-table').waitFor();
    expect(await alert.count()).toBe(0);
  });

  it.skipIf(engineMissing)(
    'measures a model on request, keeps it, and scales it to other sizes as an estimate',
    async () => {
      await setSize(32);
      await page.getByLabel('Batch').fill('8');
      await page.keyboard.press('Tab');
      await filter('deit_micro');
      await row('deit_micro').getByRole('button', { name: 'Measure deit_micro' }).click();
      await page.getByTestId('measuring').waitFor();
      await row('deit_micro').getByText('measured', { exact: true }).first().waitFor({ timeout: 120_000 });
      await setSize(64);
      await row('deit_micro').getByText('estimate', { exact: true }).waitFor();
      await page.reload();
      await page.getByTestId('zoo-table').waitFor();
      await row('deit_micro').getByRole('button', { name: 'deit_micro', exact: true }).click();
      await page
        .getByRole('complementary', { name: 'deit_micro' })
        .getByText(/^32 px, batch 8: .* img\/s/)
        .waitFor();
      await expectAccessible(page);
    },
    180_000,
  );

  it.skipIf(engineMissing)('cancels a measurement', async () => {
    await filter('resnet_micro');
    await row('resnet_micro').getByRole('button', { name: 'Measure resnet_micro' }).click();
    await page.getByRole('button', { name: 'Cancel measuring' }).click();
    await page.getByTestId('measuring').waitFor({ state: 'detached', timeout: 60_000 });
    expect(await row('resnet_micro').getByText('measured', { exact: true }).count()).toBe(0);
  });

  it('is sorted by keyboard, and leads to a run of a model at the chosen size', async () => {
    await filter('micro');
    await setSize(64);
    const head = page.getByRole('columnheader', { name: 'Parameters' });
    await head.getByRole('button').focus();
    await page.keyboard.press('Enter');
    expect(await head.getAttribute('aria-sort')).toBe('ascending');
    expect((await models())[0]).toBe('mae_vit_micro_patch4');
    await page.keyboard.press('Enter');
    expect(await head.getAttribute('aria-sort')).toBe('descending');
    await row('swin_micro').getByRole('button', { name: 'New run with swin_micro' }).focus();
    await page.keyboard.press('Enter');
    await page.waitForURL(/#\/new/);
    await page.getByRole('combobox', { name: 'Model' }).getByText('swin_micro').waitFor();
    await expect.poll(() => page.getByLabel('Final size').inputValue()).toBe('64');
    await page.getByLabel('Final size').fill('16');
    await page.keyboard.press('Tab');
    await page.getByText('Every stage is at 16 px').waitFor();
  });

  describe('its picture of accuracies', () => {
    const chart = () => page.locator('[data-chart=accuracy][data-ready=true]');
    const points = () =>
      chart()
        .getByRole('group', { name: /^Points/ })
        .getByRole('button');
    const choose = (name: string): Promise<void> => page.locator('.segmented').getByText(name, { exact: true }).click();
    const spoken = (): Promise<string | null> =>
      page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? null);

    beforeAll(async () => {
      const speeds = { swin_tiny_patch4_window7_224: 20, resnet50: 40, deit_small_patch16_224: 30 };
      withStore(app.home, (store) => {
        for (const [model, images_per_second] of Object.entries(speeds))
          keepMeasurement(store, machineName(availableParallelism(), null), {
            ...{ model, size: 224, batch: 32, measured: new Date().toISOString(), images_per_second },
            ...{ memory_bytes: 1e9, beside_training: false },
          });
        const dataset = seedDataset(store, 'petals');
        for (const [at, preset] of ['constant', 'efficienttrain++'].entries())
          seedRun(store, dataset, { name: `petals ${at}`, preset, learns: { to: 0.7, half: 0.2 }, seconds: 90 - at });
      });
      await page.evaluate(() => (location.hash = '#/models'));
      await page.reload();
      await page.getByTestId('zoo-table').waitFor();
      await choose('Accuracy');
    });

    it('places the papers’ rows at the time that they would take here, or at their compute', async () => {
      await chart().getByText('16 models without a speed here').waitFor();
      expect(await points().count()).toBe(15);
      await choose('Compute');
      await expect.poll(() => points().count()).toBeGreaterThan(50);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(1024);
      await choose('Time here');
      await expect.poll(() => points().count()).toBe(15);
    });

    it('is read by keyboard, and a point opens its model', async () => {
      await points().first().focus();
      const first = await spoken();
      expect(first).toMatch(/^DeiT-S: Baseline, 100 epochs\. Top-1: 76\.7 %\. Training time here, d: 49\.4 d/);
      expect(first).toContain('30 img/s at 224 px: measured');
      await page.keyboard.press('ArrowRight');
      expect(await spoken()).not.toBe(first);
      await page.keyboard.press('End');
      expect(await spoken()).toMatch(/^Swin-T: Baseline, 300 epochs/);
      await page.keyboard.press('Enter');
      const panel = page.getByRole('complementary', { name: 'swin_tiny_patch4_window7_224' });
      await panel.waitFor();
      await expectAccessible(page);
      await panel.getByRole('button', { name: 'Close' }).click();
    });

    it('has its numbers in a table and in a file', async () => {
      const menu = page.getByRole('button', { name: /^Actions of chart Accuracy/ });
      await menu.click();
      await page.getByRole('menuitem', { name: 'Show data table' }).click();
      await chart()
        .getByRole('row', { name: /DeiT-S: EfficientTrain\+\+, 200 epochs.*98\.9 d.*81\.0 %/ })
        .waitFor();
      await menu.click();
      const text = await savedBy(page, () => page.getByRole('menuitem', { name: /CSV/ }).click());
      expect(text).toContain('"DeiT-S: EfficientTrain++, 200 epochs",deit_small_patch16_224,EfficientTrain++,200,1,');
      await menu.click();
      await page.getByRole('menuitem', { name: 'Hide data table' }).click();
    });

    it('places own runs on a dataset by the time that they took', async () => {
      await chart().getByRole('combobox', { name: 'Results of' }).click();
      await page.getByRole('option', { name: 'petals' }).click();
      await expect.poll(() => points().count()).toBe(2);
      await points().first().focus();
      expect(await spoken()).toMatch(
        /^resnet_micro, efficienttrain\+\+\. Top-1: \d\d\.\d %\. Training time here, s: 89 s/,
      );
      await expectAccessible(page);
      await chart().getByRole('combobox', { name: 'Results of' }).click();
      await page.getByRole('option', { name: /^The papers/ }).click();
    });

    it('says where no time and no result is known, with a way out', async () => {
      await filter('cswin_tiny');
      await page.getByRole('heading', { name: 'No time is known yet' }).waitFor();
      await expectAccessible(page);
      await page.getByRole('button', { name: 'Show compute' }).click();
      await expect.poll(() => points().count()).toBe(2);
      await filter('swin_micro');
      await page.getByRole('heading', { name: 'No result of these models' }).waitFor();
      await page.getByRole('button', { name: 'Show all models' }).click();
      await expect.poll(() => points().count()).toBeGreaterThan(50);
    });

    it('fits a narrow window, with a model’s panel below', async () => {
      await page.setViewportSize({ width: 640, height: 800 });
      await points().last().focus();
      await page.keyboard.press('Enter');
      await page.getByRole('complementary').waitFor();
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(640);
      const plot = await chart().boundingBox();
      expect(plot?.width).toBeGreaterThan(500);
      await page.getByRole('complementary').getByRole('button', { name: 'Close' }).click();
      await choose('Table');
      await page.getByTestId('zoo-table').waitFor();
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(640);
      await page.setViewportSize({ width: 1024, height: 700 });
    });
  });

  it('is in Chinese too', async () => {
    const store = openStore(databasePath(app.home));
    store.prepare("INSERT OR REPLACE INTO settings (key, value) VALUES ('language', '\"zh\"')").run();
    store.close();
    await page.evaluate(() => (location.hash = '#/models'));
    await page.reload();
    await page.getByRole('heading', { level: 1, name: '模型' }).waitFor();
    await page.getByText('未测量').first().waitFor();
    await page.getByLabel('按名称或系列筛选').fill('micro');
    await expectAccessible(page);
  });
});
