/** An adaptive schedule in the window: its movable borders in the editor, and a run's report of each decision. */
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { databasePath } from '../../src/main/base/home';
import { draftBodySchema } from '../../src/shared/contract/drafts';
import { createDraft } from '../../src/main/store/drafts';
import { openStore } from '../../src/main/store/open';
import type { Run } from '../../src/main/store/runs';
import { importFolder, look, newRun, smallSample, temporary, train } from '../support/training';
import { openApp, type App } from './support/app';
import { markWelcomed } from './support/welcomed';

describe('an adaptive schedule (serve)', () => {
  let app: App;
  let page: Page;
  let run: Run;
  let draft: string;
  beforeAll(async () => {
    const home = temporary('adaptive-window');
    const dataset = await importFolder(home, smallSample(join(home, 'signs'), 40));
    const { id } = newRun(home, dataset, { preset: 'adaptive', epochs: 6 });
    run = look(home, id).run;
    expect((await train(home, run).ended).code).toBe(0);
    run = look(home, id).run;
    const store = openStore(databasePath(home));
    markWelcomed(store);
    const body = {
      dataset: dataset.id,
      model: 'resnet_micro',
      preset: 'efficienttrain++',
      size: 32,
      equivalent_epochs: 6,
    };
    draft = createDraft(store, draftBodySchema.parse({ ...body, overrides: { 'data.batch': 16 } })).id;
    store.close();
    app = await openApp({ host: 'serve', home });
    page = app.page;
  });
  afterAll(() => app.close());

  const go = (to: string): Promise<string> => page.evaluate((hash) => (location.hash = hash), to);

  it('is chosen in New run, where its borders are drawn as movable, with their bounds', async () => {
    await go(`#/new/${draft}`);
    await page.getByTestId('less-compute').waitFor();
    expect(await page.getByTestId('movable-borders').count()).toBe(0);
    await page.getByLabel('Preset', { exact: true }).click();
    // The option is named by its label alone; its note is beside it.
    await page.getByRole('option', { name: 'adaptive', exact: true }).filter({ hasText: 'experiment' }).click();
    await expect.poll(() => page.getByTestId('movable-borders').locator('rect').count()).toBe(2);
    const note = await page.getByTestId('adaptive-note').textContent();
    expect(note).toContain('Adaptive is an experiment');
    expect(note).toContain('Stage 1 ends at 10.0 % to 30.0 % of the compute.');
    expect(note).toMatch(/The run takes [\d,]+ to [\d,]+ steps\./);
  });

  it('says on the run screen where each stage ended, and why', async () => {
    await go(`#/runs/${run.id}`);
    const said = (await page.getByTestId('adaptive-borders').textContent()) ?? '';
    expect(said).toContain('Borders decided while it trains (an experiment)');
    for (const stage of [1, 2]) {
      const { first_step, steps, bandwidth } = run.plan.stages[stage - 1] ?? { first_step: 0, steps: 0, bandwidth: 0 };
      expect(said).toContain(`Stage ${stage} (${bandwidth} px) ended after step ${first_step + steps}`);
    }
    expect(said).toMatch(/its last windows lowered the loss by|its bounds give it no more|have not lowered the loss/);
    await go(`#/runs/${run.id}?tab=log`);
    await page
      .getByText(/Stage 1 \(16 px\) ends after step/)
      .first()
      .waitFor();
  });
});
