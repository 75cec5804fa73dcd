/** A search in the window: it is started, killed and continued, and its result is used. */
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Store } from '../../src/main/store/open';
import { runById } from '../../src/main/store/runs';
import { listSearches } from '../../src/main/store/searches';
import { importFolder, smallSample, temporary } from '../support/training';
import { withStore } from '../support/with-store';
import { expectAccessible } from './support/accessible';
import { openApp, type App } from './support/app';
import { markWelcomed } from './support/welcomed';

const WAIT = { timeout: 90_000, interval: 200 };

describe('a search in the window', () => {
  let app: App;
  let page: Page;

  beforeAll(async () => {
    const home = temporary('search-window');
    await importFolder(home, smallSample(join(home, 'signs'), 24));
    withStore(home, markWelcomed);
    app = await openApp({ host: 'serve', home });
    page = app.page;
  }, 120_000);
  afterAll(() => app.close());

  const inStore = <T>(use: (store: Store) => T): T => withStore(app.home, use);
  const badge = (): Promise<string | null> => page.locator('header [data-state]').getAttribute('data-state');

  it('is empty at first, and says what a search would take before it is started', async () => {
    await page.getByRole('link', { name: 'Search', exact: true }).click();
    await page.getByRole('heading', { name: 'No search yet' }).waitFor();
    await expectAccessible(page);
    await page.getByRole('combobox', { name: 'Model' }).click();
    await page.getByRole('option', { name: 'resnet_micro' }).click();
    await page
      .getByRole('button', { name: 'Keep the accuracy' })
      .or(page.getByRole('radio', { name: 'Keep the accuracy' }))
      .click();
    const fill = async (label: string, value: string): Promise<void> => {
      await page.getByLabel(label, { exact: true }).fill(value);
      await page.keyboard.press('Tab');
    };
    await fill('Final size', '32');
    await fill('Stages', '2');
    await fill('Bandwidths to try, px', '16, 20');
    await page.getByText('20 is no bandwidth for this model').waitFor();
    await fill('Bandwidths to try, px', '16, 32');
    await fill('Baseline’s epochs', '12');
    await fill('Batch', '16');
    await expect.poll(() => page.getByTestId('search-estimate').textContent(), WAIT).toContain('At most 2 trials');
  });

  it('is started, killed, and continued to the end', async () => {
    await page.keyboard.press('Tab');
    await page.getByRole('button', { name: 'Start search' }).click();
    await page.getByRole('link', { name: 'Training now' }).waitFor({ timeout: 60_000 });
    expect(await badge()).toBe('running');
    const pid = inStore((store) => store.prepare('SELECT pid FROM searches').pluck().get()) as number;
    process.kill(pid, 'SIGKILL');
    await expect.poll(badge, WAIT).toBe('interrupted');
    await page.getByRole('button', { name: 'Resume' }).click();
    await expect.poll(badge, WAIT).toBe('completed');
    const [search] = inStore(listSearches);
    expect(await page.getByRole('table', { name: 'Trials by stage and bandwidth' }).locator('td').count()).toBe(4);
    expect(await page.getByRole('table', { name: 'Trials', exact: true }).locator('tbody tr').count()).toBe(2);
    await page.getByText(`${search?.chosen?.join(' · ')} px`).waitFor();
    await expectAccessible(page);
  });

  it('is used in a new run in one click, and is among the presets', async () => {
    const [search] = inStore(listSearches);
    await page.getByRole('button', { name: 'Use in New run' }).click();
    await page.waitForURL(/#\/new\//);
    const draft = inStore((store) => store.prepare('SELECT body FROM drafts').pluck().get()) as string;
    const body = JSON.parse(draft) as {
      preset: string;
      stages: { bandwidth: number }[];
      overrides: Record<string, unknown>;
    };
    expect(body.preset).toBe(`own:${search?.preset}`);
    expect(body.stages.map(({ bandwidth }) => bandwidth)).toEqual(search?.chosen);
    expect(body.overrides).toMatchObject({ 'optimizer.lr_progress': 'images', 'data.batch': 16 });
    await page.getByRole('combobox', { name: 'Preset' }).click();
    await page.getByRole('option', { name: search?.name ?? '' }).waitFor();
    await page.keyboard.press('Escape');
  });

  it('is trained by: the run has the stages that were found', async () => {
    const [search] = inStore(listSearches);
    const anyway = page.getByRole('button', { name: 'Start anyway' });
    await page.getByRole('button', { name: 'Start training' }).click();
    await Promise.race([page.waitForURL(/#\/runs\/\w+/), anyway.waitFor()]);
    if (await anyway.isVisible()) await anyway.click();
    await page.waitForURL(/#\/runs\/\w+/);
    await page.getByTestId('run-state').filter({ hasText: 'Completed' }).waitFor({ timeout: 60_000 });
    const id = /runs\/(\w+)/.exec(page.url())?.[1] ?? '';
    const run = inStore((store) => runById(store, id));
    expect(run?.plan.stages.map(({ bandwidth }) => bandwidth)).toEqual(search?.chosen);
    expect(run?.config.optimizer.lr_progress).toBe('images');
  });

  it('is listed, and removed without its runs', async () => {
    await page.evaluate(() => (location.hash = '#/searches'));
    const [search] = inStore(listSearches);
    await page.getByRole('link', { name: search?.name ?? '' }).click();
    await page.getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('heading', { name: 'No search yet' }).waitFor();
    expect(inStore((store) => store.prepare('SELECT count(*) FROM runs').pluck().get())).toBe(3);
  });
});
