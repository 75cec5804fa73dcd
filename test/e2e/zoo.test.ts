/** The zoo in the window: filtered, sorted and measured, and a run is designed from it, by keyboard and in Chinese. */
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { databasePath } from '../../src/main/base/home';
import { openStore } from '../../src/main/store/open';
import { engineMissing } from '../support/engine';
import { importFolder, smallSample, temporary } from '../support/training';
import { withStore } from '../support/with-store';
import { expectAccessible } from './support/accessible';
import { openApp, type App } from './support/app';
import { markWelcomed } from './support/welcomed';

describe('the zoo', () => {
  let app: App;
  let page: Page;
  beforeAll(async () => {
    const home = temporary('zoo-window');
    await importFolder(home, smallSample(join(home, 'signs'), 8));
    withStore(home, markWelcomed);
    app = await openApp({ host: 'serve', home, viewport: { width: 1024, height: 700 } });
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
    for (const text of ['28.3 M', '4.49', 'n × 32', 'not measured', '81.3 % → 81.6 %', '≥ 453 MB'])
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
