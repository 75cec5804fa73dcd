/** Runs side by side: curves, the cost of the same accuracy, differences, and the files that can be saved. */
import { cpSync } from 'node:fs';
import AxeBuilder from '@axe-core/playwright';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporary } from '../support/training';
import { seedDataset, seedRun } from '../support/seeded-runs';
import { withStore } from '../support/with-store';
import { HOSTS, openApp, type App } from './support/app';
import { savedBy } from './support/saved';

const seeded = temporary('compare');
let ids: Record<'baseline' | 'fast' | 'again' | 'empty' | 'other', string> & { many: string[] };

beforeAll(() => {
  ids = withStore(seeded, (store) => {
    const [flowers, digits] = [seedDataset(store, 'flowers'), seedDataset(store, 'digits')];
    const run = (name: string, fields: Partial<Parameters<typeof seedRun>[2]> = {}, dataset = flowers): string =>
      seedRun(store, dataset, { name, ...fields }).id;
    return {
      baseline: run('baseline', { preset: 'constant', learns: { to: 0.8, half: 0.4 }, seconds: 400, images: 50_000 }),
      fast: run('fast', { learns: { to: 0.85, half: 0.15 }, seconds: 200, set: ['seed=1'], images: 50_000 }),
      again: run('fast again', { learns: { to: 0.8, half: 0.15 }, seconds: 220, set: ['seed=2'], images: 60 }),
      empty: run('empty', { state: 'failed' }),
      other: run('other', { learns: { to: 0.9, half: 0.1 } }, digits),
      many: Array.from({ length: 14 }, (_, at) =>
        run(`one of many, number ${at}`, { learns: { to: 0.5 + at / 50, half: 0.2 } }),
      ),
    };
  });
});

/** Opens the comparison of these runs. The screen is left first, so that no test sees another test's choices. */
async function openCompare(page: Page, runs: readonly string[]): Promise<Locator> {
  // The router ignores a typed address until the first screen is shown.
  await page.locator('main h1').first().waitFor();
  await page.evaluate(() => (location.hash = '#/'));
  await page.locator('[data-testid=compare]').waitFor({ state: 'detached' });
  await page.evaluate((to) => (location.hash = to), `#/compare?runs=${runs.join(',')}`);
  const compare = page.locator('[data-testid=compare][data-ready=true]');
  await compare.waitFor();
  return compare;
}

const draw = (page: Page, picture: string): Promise<void> =>
  page.getByLabel('Picture').getByText(picture, { exact: true }).click();
const headsOf = (page: Page): Promise<string[]> =>
  page.locator('table[aria-label=Comparison] thead a').allTextContents();
const rowOf = (page: Page, label: string): Locator =>
  page
    .locator('table[aria-label=Comparison] tr')
    .filter({ has: page.getByRole('rowheader', { name: label, exact: true }) });
const cellsOf = (page: Page, label: string): Promise<string[]> =>
  rowOf(page, label).locator('td.cell').allTextContents();

describe.each(HOSTS)('compare (%s)', (host) => {
  const home = temporary('compare');
  let app: App;
  let page: Page;
  beforeAll(async () => {
    cpSync(seeded, home, { recursive: true });
    app = await openApp({ host, home });
    ({ page } = app);
  });
  afterAll(() => app.close());

  it('lays two runs side by side: best in bold, differences signed and judged, only what differs', async () => {
    await openCompare(page, [ids.baseline, ids.fast]);
    const [base, fast] = await cellsOf(page, 'Val top-1');
    expect(Number.parseFloat(fast ?? '')).toBeGreaterThan(Number.parseFloat(base ?? ''));
    expect(fast).toMatch(/\+\d+\.\d pp\s*better/);
    expect(await rowOf(page, 'Val top-1').locator('.best').count()).toBe(1);
    expect((await cellsOf(page, 'seed')).map((text) => text.trim())).toEqual(['0', '1']);
    expect(await rowOf(page, 'optimizer.weight_decay').count()).toBe(0);
    await page.getByRole('switch', { name: 'Only differences' }).click();
    await rowOf(page, 'optimizer.weight_decay').waitFor();
    await page.getByRole('switch', { name: 'Only differences' }).click();
    await rowOf(page, 'optimizer.weight_decay').waitFor({ state: 'detached' });
  });

  it('says what the same accuracy has cost, for whatever accuracy is typed or dragged to', async () => {
    await openCompare(page, [ids.baseline, ids.fast]);
    const same = page.getByRole('region', { name: 'At the same accuracy' });
    const costs = async (): Promise<string[]> =>
      (await same.locator('tbody tr').allTextContents()).map((text) => text.trim());
    await expect.poll(async () => (await costs())[1]).toMatch(/× less.*× less/);
    const first = await costs();
    expect(await page.getByTestId('evidence').textContent()).toMatch(/^1 seed, n = 50,000, ±0\.\d pp$/);
    await same.getByRole('spinbutton').fill('20');
    await same.getByRole('spinbutton').press('Enter');
    await expect.poll(costs).not.toEqual(first);
    const line = page.getByRole('slider', { name: 'Value at which runs are compared' });
    await expect.poll(() => line.getAttribute('aria-valuetext')).toBe('20.0 %');
    const grip = line.locator('span');
    const box = (await grip.boundingBox()) as NonNullable<Awaited<ReturnType<typeof grip.boundingBox>>>;
    await page.mouse.move(box.x + 10, box.y + 10);
    await page.mouse.down();
    await page.mouse.move(box.x + 10, box.y - 60, { steps: 4 });
    await page.mouse.up();
    await expect.poll(async () => Number(await line.getAttribute('aria-valuenow'))).toBeGreaterThan(0.3);
    await line.press('ArrowUp');
    await same.getByRole('spinbutton').fill('84');
    await same.getByRole('spinbutton').press('Enter');
    await expect.poll(async () => (await costs())[0]).toContain('not reached');
    await same.getByRole('button', { name: /level of the weakest/ }).click();
    await expect.poll(costs).toEqual(first);
  });

  it('calls nothing that so few images can’t tell apart', async () => {
    await openCompare(page, [ids.baseline, ids.again]);
    const same = page.getByRole('region', { name: 'At the same accuracy' });
    // The difference in compute is within the error; the difference in time is not.
    const row = same.locator('tbody tr').nth(1);
    await expect.poll(() => row.textContent()).toMatch(/\d to \d[\d.]*too noisy to call.*× less$/);
    expect(await page.getByTestId('evidence').textContent()).toMatch(/^1 seed, n = 60, ±1\d\.\d pp$/);
    const heads = page.locator('table[aria-label=Comparison] th').filter({ hasText: 'Equiv. epochs to' });
    const [, cost] = await cellsOf(page, await heads.innerText());
    expect(cost).toContain('too noisy to call');
    expect(cost).not.toContain('better');
  });

  it('takes another baseline, another order, fewer and more runs', async () => {
    await openCompare(page, [ids.baseline, ids.fast]);
    await page.getByRole('button', { name: 'Actions for fast' }).click();
    await page.getByRole('menuitem', { name: 'Make it the baseline' }).click();
    await expect.poll(() => headsOf(page)).toEqual(['fast', 'baseline']);
    await expect.poll(async () => (await cellsOf(page, 'Val top-1'))[1]).toMatch(/−\d+\.\d pp\s*worse/);
    await page.getByRole('button', { name: 'Actions for fast' }).focus();
    await page.keyboard.press('Alt+ArrowRight');
    await expect.poll(() => headsOf(page)).toEqual(['baseline', 'fast']);
    await page.getByRole('button', { name: 'Add run' }).click();
    await page.getByRole('button', { name: /empty/ }).click();
    await page.keyboard.press('Escape');
    await expect.poll(() => headsOf(page)).toEqual(['baseline', 'fast', 'empty']);
    await expect.poll(async () => (await cellsOf(page, 'Val top-1'))[2]?.trim()).toBe('–');
    await page.getByRole('button', { name: 'Actions for baseline' }).click();
    await page.getByRole('menuitem', { name: 'Take out' }).click();
    await expect.poll(() => headsOf(page)).toEqual(['fast', 'empty']);
  });

  it('folds a legend of many lines into two rows, which the keyboard opens', async () => {
    const compare = await openCompare(page, ids.many);
    const legend = compare.getByRole('list', { name: 'Lines, each shown or hidden' });
    const lines = legend.getByRole('button');
    const more = compare.getByRole('button', { name: /^\+\d+ more$/ });
    await more.waitFor();
    const left = async (): Promise<number> => Number.parseInt((await more.textContent()) ?? '');
    // The button takes some of the width, so the number that fits may change once more.
    await expect.poll(async () => (await lines.count()) + (await left())).toBe(ids.many.length);
    expect(await lines.count()).toBeGreaterThan(2);
    const bottomOf = async (what: Locator): Promise<number> => {
      const box = await what.boundingBox();
      return (box?.y ?? 0) + (box?.height ?? 0);
    };
    expect((await legend.boundingBox())?.height).toBe(48);
    await expect.poll(async () => (await bottomOf(lines.last())) - (await bottomOf(legend))).toBeLessThanOrEqual(0);
    await more.focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => lines.count()).toBe(ids.many.length);
    expect((await legend.boundingBox())?.height).toBeGreaterThan(48);
    expect((await new AxeBuilder({ page }).analyze()).violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual(
      [],
    );
    await page.keyboard.press('Enter');
    await expect.poll(() => lines.count()).toBeLessThan(ids.many.length);
  });

  it('draws any series over any x', async () => {
    const compare = await openCompare(page, [ids.baseline, ids.fast]);
    await compare.getByRole('combobox', { name: 'Series' }).click();
    await page.getByRole('option', { name: 'Train loss' }).click();
    await compare.locator('[data-testid=chart][data-chart="Train loss"][data-ready=true]').waitFor();
    await compare.getByText('Time', { exact: true }).first().click();
    await page.getByRole('button', { name: 'Actions of chart Train loss' }).click();
    await page.getByRole('menuitem', { name: 'Show data table' }).click();
    await expect.poll(() => compare.getByRole('table').filter({ hasText: 'Time' }).count()).toBeGreaterThan(0);
    await compare.getByRole('combobox', { name: 'Series' }).click();
    await page.getByRole('option', { name: 'Val top-1', exact: true }).click();
    await compare.locator('[data-testid=chart][data-chart="Val top-1"][data-ready=true]').waitFor();
  });

  it('takes runs that differ only in seed together: mean and spread in table, chart and scatter', async () => {
    const compare = await openCompare(page, [ids.baseline, ids.fast, ids.again]);
    expect(await headsOf(page)).toEqual(['baseline', 'fast', 'fast again']);
    await page.getByRole('switch', { name: 'Group seeds' }).click();
    await page.getByRole('columnheader', { name: /fast.*2 seeds: 1, 2/ }).waitFor();
    await expect.poll(async () => (await cellsOf(page, 'Val top-1'))[1]).toMatch(/^\s*\d\d\.\d ± \d\.\d %/);
    expect((await cellsOf(page, 'seed')).map((text) => text.trim())).toEqual(['0', '1, 2']);
    await expect
      .poll(() => compare.getByRole('list', { name: /^Lines/ }).textContent())
      .toMatch(/fast \(n = 2\)\s*\S+ ± \S+ %/);
    await page.getByRole('button', { name: 'Actions of chart Val top-1' }).click();
    const picture = await savedBy(page, () => page.getByRole('menuitem', { name: 'Save as SVG' }).click());
    expect(picture).toMatch(/fill-opacity="0\.18"|opacity="0\.18"/);
    await draw(page, 'Scatter');
    await compare.locator('[data-chart=scatter][data-ready=true]').waitFor();
    expect(await compare.getByRole('button', { name: /^fast\. Val top-1: \S+ ± \S+ %\..*2 seeds/ }).count()).toBe(1);
    await page.getByRole('switch', { name: 'Group seeds' }).click();
    await expect.poll(() => headsOf(page)).toEqual(['baseline', 'fast', 'fast again']);
    await draw(page, 'Curves');
  });

  it('places runs by what they cost and what came out; every point by keyboard, in a table and in a file', async () => {
    const compare = await openCompare(page, [ids.baseline, ids.fast, ids.empty]);
    await draw(page, 'Scatter');
    const chart = compare.locator('[data-chart=scatter][data-ready=true]');
    await chart.waitFor();
    const points = chart.getByRole('group', { name: /^Points/ }).getByRole('button');
    expect(await points.count()).toBe(2);
    await chart.getByText('1 without a value').waitFor();
    await points.first().focus();
    await page.keyboard.press('ArrowRight');
    expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe(
      await points.nth(1).getAttribute('aria-label'),
    );
    await chart.getByRole('combobox', { name: 'Across' }).click();
    await page.getByRole('option', { name: /^Time so far/ }).click();
    await page.getByRole('button', { name: /^Actions of chart Val top-1 against Time/ }).click();
    await page.getByRole('menuitem', { name: 'Show data table' }).click();
    await expect.poll(() => chart.getByRole('row', { name: /baseline.*6 min 40 s/ }).count()).toBe(1);
    await page.getByRole('button', { name: /^Actions of chart Val top-1 against Time/ }).click();
    const text = await savedBy(page, () => page.getByRole('menuitem', { name: /CSV/ }).click());
    expect(text).toMatch(
      /^run,n,Model,Time so far,Time so far std,Val top-1,Val top-1 std\r\nbaseline,1,resnet_micro,400,,0\.\d{6,}/,
    );
    await points.nth(0).focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => page.url()).toContain(`#/runs/${ids.fast}`);
  });

  it('draws what differs along parallel axes, which can be chosen', async () => {
    const compare = await openCompare(page, [ids.baseline, ids.fast, ids.empty]);
    await draw(page, 'Parallel');
    const chart = compare.locator('[data-chart=parallel][data-ready=true]');
    await chart.waitFor();
    await page.getByRole('button', { name: /Actions of chart Differences and results/ }).click();
    await page.getByRole('menuitem', { name: 'Show data table' }).click();
    const heads = (): Promise<string[]> => chart.getByRole('columnheader').allTextContents();
    await expect.poll(heads).toEqual(expect.arrayContaining(['seed', 'schedule.preset', 'Val top-1']));
    await chart.getByRole('button', { name: /axes$/ }).click();
    await page.getByRole('checkbox', { name: 'seed' }).click();
    await page.keyboard.press('Escape');
    await expect.poll(heads).not.toContain('seed');
    await draw(page, 'Curves');
  });

  it('judges no accuracies of different datasets, and says so', async () => {
    await openCompare(page, [ids.baseline, ids.other]);
    await page.getByText('These runs differ in their dataset').waitFor();
    expect(await rowOf(page, 'Val top-1').locator('.best').count()).toBe(0);
    expect(await page.getByRole('slider', { name: 'Value at which runs are compared' }).count()).toBe(0);
  });

  it('shows the papers’ rows of the same family beside them, greyed and named', async () => {
    await openCompare(page, [ids.baseline, ids.fast]);
    await page.getByRole('switch', { name: 'Published results' }).click();
    await page
      .getByRole('columnheader', { name: /ResNet-50.*EfficientTrain\+\+.*Wang et al/ })
      .first()
      .waitFor();
    expect((await cellsOf(page, 'Val top-1')).map((text) => text.trim())).toContain('79.6 %');
    await page.getByRole('switch', { name: 'Published results' }).click();
    expect(await page.getByRole('columnheader', { name: /ResNet-50/ }).count()).toBe(0);
  });

  it('gives the table for a spreadsheet, a README and a paper', async () => {
    await openCompare(page, [ids.baseline, ids.fast]);
    const saved = async (item: string): Promise<string> => {
      await page.getByRole('button', { name: 'Export table' }).click();
      return savedBy(page, () => page.getByRole('menuitem', { name: item }).click());
    };
    expect(await saved('CSV, full precision')).toMatch(
      /^group,Quantity,baseline,fast\r\nResult,Val top-1 \(Best\),0\.\d{6,},0\.\d{6,}/,
    );
    expect(await saved('Markdown')).toMatch(
      /^\| Quantity \| baseline \| fast \|\n\| --- \| ---: \| ---: \|\n\| Val top-1 \(Best\) \| \d+\.\d % \| \*\*/,
    );
    expect(await saved('LaTeX (booktabs)')).toMatch(
      /\\begin\{tabular\}\{lrr\}[\s\S]*Val top-1 \(Best\) & \d+\.\d\d \\% & \\textbf/,
    );
  });

  it('comes back with what was compared last, leaves out what is gone, and begins empty', async () => {
    await openCompare(page, ['nothing', ids.baseline]);
    await page.getByText('1 run of this comparison has been deleted').waitFor();
    await page.getByRole('button', { name: 'Leave out' }).click();
    await page.getByText('has been deleted').waitFor({ state: 'detached' });
    await expect.poll(() => headsOf(page)).toEqual(['baseline']);
    await page.getByRole('navigation').getByRole('link', { name: 'Home' }).click();
    await page.getByRole('navigation').getByRole('link', { name: 'Compare' }).click();
    await expect.poll(() => headsOf(page)).toEqual(['baseline']);
    await page.getByRole('button', { name: 'Actions for baseline' }).click();
    await page.getByRole('menuitem', { name: 'Take out' }).click();
    await page.getByText('Lay runs side by side').waitFor();
  });

  it('can be used by everyone: axe finds nothing, light and dark', async () => {
    await openCompare(page, [ids.baseline, ids.fast, ids.empty]);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.locator(`html[data-theme=${colorScheme}]`).waitFor({ state: 'attached' });
      for (const picture of ['Curves', 'Scatter', 'Parallel']) {
        await draw(page, picture);
        await page.locator('[data-testid=compare] [data-testid=chart][data-ready=true]').waitFor();
        // Colours that fade are measured when they no longer change.
        await page.evaluate(() => Promise.allSettled(document.getAnimations().map(({ finished }) => finished)));
        const axe = new AxeBuilder({ page }).include('main');
        // Rules whose result depends on the theme; all others are checked once.
        if (colorScheme === 'dark') axe.withRules(['color-contrast', 'link-in-text-block']);
        const { violations } = await axe.analyze();
        expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
      }
    }
  });
});
