/** Home: from the first start to a training run in one click, and what needs the user afterwards. */
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { HOSTS } from './support/app';
import { opensApps } from './support/opens-apps';
import { trainedHome, type TrainedHome } from './support/trained-home';

describe.each(HOSTS)('home (%s)', (host) => {
  const open = opensApps();

  it('trains the sample by one click, shows it live, and pauses and stops it', async () => {
    const { page } = await open({ host });
    await page.getByRole('heading', { level: 2, name: /less compute/ }).waitFor();
    // The photograph is drawn at each size, and the drawings differ.
    await expect
      .poll(() =>
        page.locator('main canvas').evaluateAll((all) => (all as HTMLCanvasElement[]).map(({ width }) => width)),
      )
      .toEqual([24, 48, 64]);
    await page.getByRole('button', { name: 'Train the sample' }).click();
    await page.waitForURL(/#\/runs\/\w+/, { timeout: 60_000 });
    await page.getByRole('link', { name: 'Home', exact: true }).click();
    const card = page.getByRole('article');
    await card.getByText('Running', { exact: true }).waitFor({ timeout: 60_000 });
    const done = card.getByRole('progressbar');
    const before = Number(await done.getAttribute('aria-valuenow'));
    await expect
      .poll(() => card.getByTestId('spark').first().locator('path').getAttribute('d'), { timeout: 60_000 })
      .toMatch(/^M.*L/);
    await expect
      .poll(async () => Number(await done.getAttribute('aria-valuenow')), { timeout: 60_000 })
      .toBeGreaterThan(before);
    await expect.poll(() => page.title()).toMatch(/^\d+ % resnet_micro.* – EfficientTrain Studio$/);
    await card.getByRole('button', { name: 'Stop' }).click();
    await page.getByRole('row', { name: /resnet_micro/ }).waitFor({ timeout: 60_000 });
    await expect.poll(() => page.title()).toBe('EfficientTrain Studio');
    await expect.poll(() => page.getByText('Nothing is training.').isVisible()).toBe(true);
  }, 240_000);

  it('leaves the welcome by importing one’s own, and offers the sample where there is no run yet', async () => {
    const { page } = await open({ host });
    await page.getByRole('button', { name: 'Import your dataset' }).click();
    // The screen itself removes the request for the import from the address.
    await page.waitForURL(/#\/datasets$/);
    await page.keyboard.press('Escape');
    await page.evaluate(() => (location.hash = '#/'));
    await page.getByRole('heading', { level: 1, name: 'Home' }).waitFor();
    await expect.poll(() => page.getByRole('button', { name: 'Train the sample' }).isVisible()).toBe(true);
  });
});

describe.each(HOSTS)('what needs the user (%s)', (host) => {
  const open = opensApps();
  let trained: TrainedHome;
  beforeAll(async () => (trained = await trainedHome(`home-${host}`)));

  it('is listed with its reason, goes to the trash and comes back, and a moved folder is named', async () => {
    const { home, run, interrupted, failed } = trained;
    renameSync(join(home, 'signs'), join(home, 'moved'));
    const { page } = await open({ host, home });
    const item = (text: string | RegExp) => page.getByRole('listitem').filter({ hasText: text });
    await item(interrupted.name).getByText('Interrupted').waitFor();
    await item(failed.name)
      .getByText(/The loss is not a number\. train\/loss at steps 2 to 3/)
      .waitFor();
    await item('The folder of dataset').getByRole('button', { name: 'Locate' }).waitFor();
    await page.getByRole('row', { name: new RegExp(`${run.name.replace(/\+/g, '\\+')}.*%`) }).waitFor();
    await item(interrupted.name).getByRole('button', { name: 'Discard' }).click();
    await item(interrupted.name).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Undo' }).click();
    await item(interrupted.name).waitFor();
    await item(failed.name).getByRole('button', { name: 'Inspect' }).click();
    await page.waitForURL(new RegExp(failed.id));
    renameSync(join(home, 'moved'), join(home, 'signs'));
  });

  it('says what runs lose with their dataset, and keeps the runs', async () => {
    const { home, run } = trained;
    const { page } = await open({ host, home });
    await page.getByRole('link', { name: 'Datasets', exact: true }).click();
    await page.getByRole('button', { name: 'Actions for signs' }).click();
    await page.getByRole('menuitem', { name: 'Remove' }).click();
    const dialog = page.getByRole('dialog', { name: 'Remove “signs”?' });
    await dialog.getByText('3 runs used it. Their records, curves and checkpoints stay').waitFor();
    await dialog.getByRole('button', { name: 'Remove it anyway' }).click();
    await page.getByRole('heading', { name: 'No datasets yet' }).waitFor();
    await page.getByRole('link', { name: 'Home', exact: true }).click();
    await page.getByRole('link', { name: run.name, exact: true }).click();
    await page.getByTestId('run-state').filter({ hasText: 'Completed' }).waitFor();
    await page.getByText('Val top-1').waitFor();
  });
});
