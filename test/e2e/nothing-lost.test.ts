/** What a user has entered or chosen stays: over a refused value, a failed action, a change elsewhere, a removal. */
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { databasePath } from '../../src/main/base/home';
import { draftBodySchema, type DraftBody } from '../../src/shared/contract/drafts';
import { createDraft } from '../../src/main/store/drafts';
import { openStore, type Store } from '../../src/main/store/open';
import { saveOwnPreset } from '../../src/main/store/own-presets';
import type { Run } from '../../src/main/store/runs';
import { importFolder, newRun, smallSample, temporary, train } from '../support/training';
import { openApp, type App } from './support/app';
import { markWelcomed } from './support/welcomed';

const WAIT = { timeout: 20_000 };

describe('what a user has done (serve)', () => {
  const home = temporary('nothing-lost');
  let app: App;
  let page: Page;
  let runs: Run[];
  let body: DraftBody;
  const inStore = <T>(use: (store: Store) => T): T => {
    const store = openStore(databasePath(home));
    try {
      return use(store);
    } finally {
      store.close();
    }
  };
  beforeAll(async () => {
    const dataset = await importFolder(home, smallSample(join(home, 'signs'), 8));
    runs = [8, 12].map((epochs) => newRun(home, dataset, { epochs }));
    for (const run of runs) expect((await train(home, run).ended).code).toBe(0);
    body = draftBodySchema.parse({
      ...{ name: 'planned', dataset: dataset.id, model: 'resnet_micro', preset: 'constant', size: 32 },
    });
    inStore(markWelcomed);
    app = await openApp({ host: 'serve', home });
    page = app.page;
  }, 300_000);
  afterAll(() => app.close());

  const go = (to: string): Promise<string> => page.evaluate((hash) => (location.hash = hash), to);
  const draft = (fields: Partial<DraftBody> = {}): string =>
    inStore((store) => createDraft(store, { ...body, ...fields }).id);

  it('compared runs stay where Compare is chosen again', async () => {
    await go(`#/compare?runs=${runs.map(({ id }) => id).join(',')}`);
    const heads = page.locator('table[aria-label=Comparison] thead a');
    await expect.poll(() => heads.count(), WAIT).toBe(2);
    await page.getByRole('navigation', { name: 'Screens' }).getByRole('link', { name: 'Compare' }).click();
    await expect.poll(() => decodeURIComponent(page.url())).toContain(`runs=${runs.map(({ id }) => id).join(',')}`);
    expect(await heads.count()).toBe(2);
  });

  it('an action that fails leaves its screen, and says why', async () => {
    await go(`#/runs/${runs[0]?.id}?tab=configuration`);
    const copy = page.getByRole('button', { name: 'Copy as JSON' });
    await copy.waitFor();
    await page.evaluate(() => {
      navigator.clipboard.writeText = () => Promise.reject(new Error('no clipboard here'));
    });
    app.expectComplaints(/no clipboard here/);
    await copy.click();
    await page.getByRole('region', { name: 'Messages' }).getByRole('heading', { name: 'no clipboard here' }).waitFor();
    expect(await copy.isVisible()).toBe(true);
  });

  it('a chosen cell stays while other things change', async () => {
    await go(`#/runs/${runs[0]?.id}?tab=classes`);
    await page.getByTestId('confusion').focus();
    await page.keyboard.press('Enter');
    const images = page.getByTestId('cell-images');
    await images.waitFor();
    const matrix = await page.getByTestId('confusion').elementHandle();
    draft();
    // The screen fetches the run at most once a second, and the evaluation every two.
    await page.waitForTimeout(3000);
    expect(await images.isVisible()).toBe(true);
    expect(await matrix?.evaluate((element) => element.isConnected)).toBe(true);
  });

  it('a value that is refused gives way to the one in force', async () => {
    await go(`#/new/${draft()}`);
    const epochs = page.getByLabel('Equivalent epochs', { exact: true }).first();
    await epochs.fill('40');
    await epochs.blur();
    for (const wrong of ['-5', '']) {
      await epochs.fill(wrong);
      await epochs.blur();
      await expect.poll(() => epochs.inputValue()).toBe('40');
    }
  });

  it('a draft that was removed comes back', async () => {
    await go(`#/new/${draft({ name: 'regretted' })}`);
    const name = page.getByLabel('Name', { exact: true });
    await expect.poll(() => name.inputValue(), WAIT).toBe('regretted');
    await page.getByRole('button', { name: 'More actions', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Remove this draft' }).click();
    await page.getByText('Draft removed').waitFor();
    await page.getByRole('region', { name: 'Messages' }).getByRole('button', { name: 'Undo' }).click();
    await expect.poll(() => name.inputValue(), WAIT).toBe('regretted');
  });

  it('a preset that was removed comes back, for the design that is based on it too', async () => {
    const stages = [
      { bandwidth: 16, magnitude: 0, share: 0.5 },
      { bandwidth: 32, magnitude: 9, share: 0.5 },
    ];
    const { id } = inStore((store) =>
      saveOwnPreset(store, {
        ...{ format: 'efficienttrain-schedule', version: 1, title: 'mine', share_of: 'compute', size: 32 },
        stages: draftBodySchema.shape.stages.parse(stages) ?? [],
      }),
    );
    await go(`#/new/${draft({ preset: `own:${id}`, stages: draftBodySchema.shape.stages.parse(stages) })}`);
    const preset = page.getByRole('combobox', { name: 'Preset' });
    await expect.poll(() => preset.textContent(), WAIT).toContain('mine');
    await page.getByRole('button', { name: 'Remove preset' }).click();
    await page.getByText('Preset “mine” removed').waitFor();
    await expect.poll(() => preset.textContent()).not.toContain('mine');
    await page.getByRole('region', { name: 'Messages' }).getByRole('button', { name: 'Undo' }).last().click();
    await expect.poll(() => preset.textContent(), WAIT).toContain('mine');
  });
});
