/** WCAG 2.2 AA by axe: every screen and its tabs, in light and in dark, and everything that opens over the screens. */
import { cpSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { smallSample } from '../support/training';
import { openApp, type App } from './support/app';
import { trainedHome, type TrainedHome } from './support/trained-home';

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
/** Rules whose result depends on the theme; all others are checked once. */
const OF_COLOUR = ['color-contrast', 'link-in-text-block'];

interface Found {
  theme: 'light' | 'dark';
  rule: string;
  element: string;
  why: string;
}

async function look({ page }: App, theme: Found['theme']): Promise<Found[]> {
  await page.emulateMedia({ colorScheme: theme });
  // Colours that fade are measured when they no longer change.
  await page.evaluate(() =>
    Promise.all(
      document
        .getAnimations()
        .filter(({ effect }) => effect?.getComputedTiming().iterations !== Infinity)
        .map(({ finished }) => finished.catch(() => null)),
    ),
  );
  const axe = new AxeBuilder({ page });
  const { violations } = await (theme === 'light' ? axe.withTags(TAGS) : axe.withRules(OF_COLOUR)).analyze();
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => ({
      theme,
      rule: id,
      element: html,
      why: failureSummary?.split('\n')[1]?.trim() ?? '',
    })),
  );
}

async function violations(app: App): Promise<Found[]> {
  const dark = await look(app, 'dark');
  return [...(await look(app, 'light')), ...dark];
}

describe('no violation on', () => {
  let app: App;
  let trained: TrainedHome;
  /** A folder with problems to show in a review. */
  let flawed: string;
  beforeAll(async () => {
    trained = await trainedHome('a11y');
    flawed = smallSample(join(trained.home, 'flawed'), 8);
    const [train, held] = [join(flawed, 'train', 'zero'), join(flawed, 'val', 'zero')];
    const first = join(train, readdirSync(train).sort()[0] as string);
    for (const copy of [join(train, 'again.jpg'), join(held, 'leaked.jpg')]) cpSync(first, copy);
    writeFileSync(join(train, 'notes.jpg'), 'no image');
    app = await openApp({ host: 'serve', home: trained.home });
    // While a colour changes from one theme to the other, it belongs to neither.
    await app.page.emulateMedia({ reducedMotion: 'reduce' });
  });
  afterAll(() => app.close());

  const settled = (): Promise<unknown> =>
    app.page.waitForFunction(() => !document.querySelector('main [aria-busy="true"]:not(button)'), null, {
      timeout: 60_000,
    });

  const go = async (hash: string): Promise<void> => {
    await app.page.evaluate((to) => (location.hash = to), hash);
    await app.page.locator('main h1').first().waitFor();
    await settled();
  };

  it.each([
    '#/',
    '#/datasets',
    '#/new',
    '#/runs',
    '#/compare',
    '#/searches',
    '#/studies',
    '#/settings',
    '#/settings?tab=training',
    '#/settings?tab=about',
  ])('%s', async (hash) => {
    await go(hash);
    expect(await violations(app)).toEqual([]);
  });

  it('the engine doctor', async () => {
    await go('#/settings?tab=doctor');
    await app.page.getByRole('heading', { name: /checks? (passed|failed)/ }).waitFor({ timeout: 90_000 });
    expect(await violations(app)).toEqual([]);
  });

  it('a dataset', async () => {
    await go(`#/datasets/${trained.dataset}`);
    expect(await violations(app)).toEqual([]);
  });

  it('a dataset’s findings and runs', async () => {
    await go(`#/datasets/${trained.dataset}`);
    for (const name of ['Findings', 'Runs']) {
      await app.page.getByRole('tab', { name }).click();
      await settled();
      expect([name, await violations(app)]).toEqual([name, []]);
    }
  });

  it('a review with a leak, copies and files that are none, and a pair of it large', async () => {
    await app.page.evaluate((to) => (location.hash = to), `#/datasets?source=${encodeURIComponent(flawed)}`);
    await app.page.waitForURL(/#\/reviews\//, { timeout: 60_000 });
    await app.page.locator('[data-kind="leak"] img').first().waitFor();
    await settled();
    expect(await violations(app)).toEqual([]);
    await app.page.getByRole('button', { name: 'Leave out 1 file' }).first().click();
    await app.page.getByText('1 left out').first().waitFor();
    await app.page
      .getByRole('button', { name: /^Compare train/ })
      .first()
      .click();
    await app.page.getByRole('complementary', { name: 'Side by side' }).waitFor();
    expect(await violations(app)).toEqual([]);
  });

  it('two runs compared', async () => {
    await go(`#/compare?runs=${trained.run.id},${trained.interrupted.id}`);
    expect(await violations(app)).toEqual([]);
  });

  it('a run and each of its tabs', async () => {
    await go(`#/runs/${trained.run.id}`);
    const tabs = app.page.getByRole('tab');
    await tabs.first().waitFor();
    expect(await tabs.count()).toBeGreaterThan(5);
    for (let index = 0; index < (await tabs.count()); index++) {
      await tabs.nth(index).click();
      await settled();
      expect([await tabs.nth(index).textContent(), await violations(app)]).toEqual([expect.anything(), []]);
    }
  });

  it('palette and shortcuts', async () => {
    await go('#/');
    await app.page.keyboard.press('Control+k');
    await app.page.getByRole('combobox').waitFor();
    expect(await violations(app)).toEqual([]);
    await app.page.keyboard.press('Escape');
    await app.page.keyboard.press('Control+/');
    await app.page.getByRole('dialog').waitFor();
    expect(await violations(app)).toEqual([]);
    await app.page.keyboard.press('Escape');
  });

  it('a first start', async () => {
    const first = await openApp({ host: 'serve' });
    await first.page.emulateMedia({ reducedMotion: 'reduce' });
    try {
      await first.page.getByRole('button', { name: 'Train the sample' }).waitFor();
      expect(await violations(first)).toEqual([]);
    } finally {
      await first.close();
    }
  });
});
