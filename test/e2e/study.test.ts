/** Studies in the window: started, killed with their host, resumed and opened; their numbers are saved. */
import { once } from 'node:events';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CheckpointsStudy, FrequencyStudy } from '../../src/shared/contract/studies';
import type { Store } from '../../src/main/store/open';
import { livePids, runById } from '../../src/main/store/runs';
import { storedStudies, studyRuns } from '../../src/main/store/studies';
import { efficienttrain } from '../support/cli';
import { importFolder, smallSample, temporary } from '../support/training';
import { withStore } from '../support/with-store';
import { expectAccessible } from './support/accessible';
import { openApp, type App } from './support/app';
import { savedBy } from './support/saved';
import { markWelcomed } from './support/welcomed';

const WAIT = { timeout: 90_000, interval: 100 };

describe('studies in the window', () => {
  const home = temporary('study-window');
  let app: App;
  let page: Page;
  let id = '';

  beforeAll(async () => {
    await importFolder(home, smallSample(join(home, 'signs'), 8));
    withStore(home, markWelcomed);
    // The narrowest supported window.
    app = await openApp({ host: 'serve', home, viewport: { width: 1024, height: 700 } });
    page = app.page;
  }, 120_000);
  afterAll(() => app.close());

  const inStore = <T>(use: (store: Store) => T): T => withStore(home, use);
  const badge = (): Promise<string | null> => page.locator('header .state').getAttribute('data-state');
  const runs = () => inStore((store) => studyRuns(store, id).flatMap(({ run }) => (run ? [run] : [])));
  const states = (): string[] => runs().map(({ state }) => state);
  const numbers = async (): Promise<unknown> =>
    JSON.parse(await savedBy(page, () => page.getByRole('button', { name: 'Download JSON' }).click()));
  const shown = async (): Promise<unknown> =>
    JSON.parse((await efficienttrain(['study', 'show', id, '--json'], { home })).stdout);
  const open = async (hash: string): Promise<void> => {
    await page.evaluate((to) => (location.hash = to), hash);
  };

  it('are none at first, and say by keyboard alone what one would take', async () => {
    await page.getByRole('link', { name: 'Studies', exact: true }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'No study yet' }).waitFor();
    await expectAccessible(page);
    await page.getByRole('combobox', { name: 'Model' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('option', { name: 'resnet_micro' }).press('Enter');
    const fill = async (label: string, value: string): Promise<void> => {
      await page.getByLabel(label, { exact: true }).fill(value);
      await page.keyboard.press('Tab');
    };
    await fill('Radii, periods over the image', 'small');
    await page.getByText('Write auto, or numbers above 0').waitFor();
    await fill('Radii, periods over the image', '4');
    await fill('Size', '32');
    await fill('Equivalent epochs', '10');
    await fill('Batch', '16');
    await expect.poll(() => page.getByTestId('study-estimate').textContent(), WAIT).toContain('2 runs at 32 px');
  });

  it('train their runs through the queue, and lose no finished run to a kill of the program', async () => {
    await page.getByRole('button', { name: 'Start study' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'Training now' }).waitFor({ timeout: 60_000 });
    id = inStore(storedStudies)[0]?.id ?? '';
    expect(await badge()).toMatch(/preparing|running/);
    await expect.poll(states, WAIT).toEqual(['completed', 'running']);
    const [first] = runs();
    const pids = inStore(livePids);
    app.expectComplaints(/./);
    const ended = once(app.child, 'exit');
    app.child.kill('SIGKILL');
    pids.forEach((pid) => process.kill(pid, 'SIGKILL'));
    await ended;
    await app.close();
    app = await openApp({ host: 'serve', home, viewport: { width: 1024, height: 700 } });
    page = app.page;
    await open(`#/studies/${id}`);
    await expect.poll(badge, WAIT).toBe('interrupted');
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Resume' }).click();
    await expect.poll(badge, WAIT).toBe('completed');
    expect(inStore((store) => runById(store, first?.id ?? ''))?.ended).toBe(first?.ended);
  });

  it('draw their curves, with every number in a file like the command line says it', async () => {
    await page.locator('[data-testid=chart][data-ready=true]').waitFor();
    await expect.poll(() => page.getByTestId('filter-pictures').locator('li').count(), WAIT).toBe(1);
    await page.getByRole('img', { name: /^Progress at which each radius leaves/ }).waitFor();
    expect(await page.getByRole('table', { name: 'Curves in numbers' }).locator('tbody tr').count()).toBe(2);
    await expectAccessible(page);
    const file = (await numbers()) as { study: FrequencyStudy };
    expect(file.study.curves.map(({ curve }) => curve.length > 0)).toEqual([true, true]);
    expect(file).toEqual(await shown());
  });

  it("measure a run's checkpoints on filtered and augmented images", async () => {
    await page.getByRole('link', { name: 'Measure the checkpoints of the unfiltered run' }).click();
    await page.getByText(/^\d+ checkpoints?, at the radii 2, 4, 8/).waitFor();
    await page.getByRole('button', { name: 'Start study' }).click();
    await page.waitForURL(/#\/studies\/\w+$/);
    await expect.poll(badge, WAIT).toBe('completed');
    id = inStore(storedStudies)[0]?.id ?? '';
    await page.locator('[data-testid=chart][data-ready=true]').first().waitFor();
    expect(await page.getByTestId('chart').count()).toBe(2);
    await page.getByRole('tab', { name: 'Weakly and strongly augmented' }).click();
    await expect.poll(() => page.getByTestId('chart').count()).toBe(1);
    await expectAccessible(page);
    const file = (await numbers()) as { study: CheckpointsStudy };
    expect(file.study.views.length).toBe(9);
    expect(file).toEqual(await shown());
    await page.getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('table', { name: 'Studies' }).waitFor();
    expect(await page.getByRole('table', { name: 'Studies' }).locator('tbody tr').count()).toBe(1);
    await expectAccessible(page);
  });

  it('are of the field data.filter, which a new run has too, with a picture of it', async () => {
    await open('#/new');
    await page.getByRole('tab', { name: 'Recipe' }).click();
    await page.getByRole('combobox', { name: 'data.filter' }).click();
    await page.getByRole('option', { name: 'High-pass' }).click();
    await page.getByLabel('data.filter radius').fill('5');
    await page.keyboard.press('Enter');
    await page.getByRole('img', { name: 'An image of the dataset: High-pass, radius 5' }).waitFor();
    await expect
      .poll(() => inStore((store) => store.prepare('SELECT body FROM drafts').pluck().all().join()), WAIT)
      .toContain('"data.filter":{"kind":"high_pass","radius":5}');
    await expectAccessible(page);
  });
});
