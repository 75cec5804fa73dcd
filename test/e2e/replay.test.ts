/** Replay and early large batch in the window: they are switched on in the editor, and a run shows them. */
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { databasePath } from '../../src/main/base/home';
import { draftBodySchema } from '../../src/shared/contract/drafts';
import { createDraft } from '../../src/main/store/drafts';
import { openStore } from '../../src/main/store/open';
import type { Run } from '../../src/main/store/runs';
import { REPLAYING } from '../faults/replaying';
import { importFolder, newRun, smallSample, temporary, train } from '../support/training';
import { openApp, type App } from './support/app';
import { markWelcomed } from './support/welcomed';

/** Batches of the published replay have to be multiples of 128. */
const BATCH = 128;

describe('replay and early large batch (serve)', () => {
  let app: App;
  let page: Page;
  let run: Run;
  let draft: string;
  beforeAll(async () => {
    const home = temporary('replay-window');
    const dataset = await importFolder(home, smallSample(join(home, 'signs'), 40));
    run = newRun(home, dataset, { epochs: 6, set: [...REPLAYING] });
    expect((await train(home, run).ended).code).toBe(0);
    const store = openStore(databasePath(home));
    markWelcomed(store);
    const body = {
      dataset: dataset.id,
      model: 'resnet_micro',
      preset: 'efficienttrain++',
      size: 32,
      equivalent_epochs: 200,
    };
    draft = createDraft(store, draftBodySchema.parse({ ...body, overrides: { 'data.batch': BATCH } })).id;
    store.close();
    app = await openApp({ host: 'serve', home });
    page = app.page;
  }, 300_000);
  afterAll(() => app.close());

  const go = (to: string): Promise<string> => page.evaluate((hash) => (location.hash = hash), to);
  const cell = (column: string, stage: number): Promise<string> =>
    page.getByLabel(`${column} of stage ${stage}`, { exact: true }).inputValue();

  it('a run tells fresh images from replayed ones, loads saved and the wait for the loader', async () => {
    await go(`#/runs/${run.id}`);
    const said = (await page.getByTestId('run-replay').textContent()) ?? '';
    expect(said).toMatch(/images trained, [\d,]+ fresh and [\d,]+ replayed: \d+ % of the loads saved/);
    expect(said).toMatch(/waited for the loader [\d.]+ % of the time/);
    await go(`#/runs/${run.id}?tab=notes`);
    const rows = page.getByRole('table', { name: 'Replay buffer' }).locator('tbody tr');
    await expect.poll(() => rows.count()).toBe(run.plan.stages.length + 1);
    const [first] = run.plan.stages;
    const cells = await rows.first().locator('td').allTextContents();
    const trained = (first?.images ?? 0).toLocaleString('en');
    expect(cells.slice(1, 3).map((text) => text.trim())).toEqual(['4', trained]);
    expect(cells[5]?.trim()).toBe('75 %');
  });

  it('the editor switches the published replay on and off, by stage and in the totals', async () => {
    await go(`#/new/${draft}`);
    const toggle = page.getByTestId('replay-published');
    await toggle.waitFor();
    expect([await cell('Replay', 1), await cell('Replay', 10)]).toEqual(['1', '1']);
    await toggle.click();
    await expect.poll(() => cell('Replay', 1)).toBe('4');
    expect([await cell('Replay', 3), await cell('Replay', 10)]).toEqual(['2', '1']);
    await page.getByText('decoded', { exact: true }).waitFor();
    await toggle.click();
    await expect.poll(() => cell('Replay', 1)).toBe('1');
    expect(await page.getByText('decoded', { exact: true }).count()).toBe(0);
  });

  it('the totals say what the passes cost, and compare with constant training of a length that can be chosen', async () => {
    await go(`#/new/${draft}`);
    const totals = page.locator('dl.totals');
    await expect
      .poll(() => totals.locator('.passes').textContent())
      .toMatch(/^passes, [12]\.\d\d× more per FLOP\d{3}\.\d for the price of 200(\.\d)?$/);
    const reference = page.getByLabel('Epochs of constant training that the compute is compared with');
    const less = page.getByTestId('less-compute').locator('dd');
    expect([await reference.inputValue(), await less.textContent()]).toEqual([
      '300',
      expect.stringMatching(/^1\.5\d*\s?× less compute$/),
    ]);
    for (const [epochs, said] of [
      ['200', /^as much compute$/],
      ['100', /^2\.?0*\s?× more compute$/],
      ['', /^1\.5\d*\s?× less compute$/],
    ] as const) {
      await reference.fill(epochs);
      await reference.blur();
      await expect.poll(() => less.textContent()).toMatch(said);
    }
  });

  it('the editor sets the largest batches that fit, and takes them back', async () => {
    const toggle = page.getByTestId('early-large-batch');
    await toggle.click();
    // Images at 16 px have a quarter of the pixels, so the batch is four times as large.
    await expect.poll(() => cell('Batch', 1), { timeout: 60_000 }).toBe(String(4 * BATCH));
    expect(await cell('Batch', 10)).toBe('');
    await toggle.click();
    await expect.poll(() => cell('Batch', 1)).toBe('');
  });
});
