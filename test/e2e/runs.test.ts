/**
 * The table of runs with thousands of rows: finding, sorting, choosing, changing and restoring, by mouse and by
 * keyboard alone.
 */
import AxeBuilder from '@axe-core/playwright';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporary } from '../support/training';
import { seedDataset, seedMany, seedRun } from '../support/seeded-runs';
import { withStore } from '../support/with-store';
import { HOSTS, openApp, type App } from './support/app';

const MANY = 5000;

async function openRuns(page: Page, query = ''): Promise<Locator> {
  // The router ignores a typed address until the first screen is shown.
  await page.locator('main h1').first().waitFor();
  // The screen is left and opened again, so that no test sees another test's choices.
  await page.evaluate(() => (location.hash = '#/'));
  await page.locator('[data-testid=runs-table]').waitFor({ state: 'detached' });
  await page.evaluate((to) => (location.hash = to), `#/runs${query}`);
  const table = page.locator('[data-testid=runs-table][data-ready=true]');
  await table.waitFor();
  return table;
}

/** Returns the names of the rows in view, from the top. */
const namesOf = (page: Page): Promise<string[]> => page.locator('[role=row] [data-column=name] a').allTextContents();
const countOf = async (page: Page): Promise<string> =>
  (await page.getByRole('grid').getAttribute('aria-rowcount')) ?? '';
const rowOf = (page: Page, name: string): Locator =>
  page.getByRole('row').filter({ has: page.getByRole('link', { name, exact: true }) });

describe.each(HOSTS)('runs (%s)', (host) => {
  describe('thousands of them', () => {
    const home = temporary('many-runs');
    let app: App;
    let page: Page;
    beforeAll(async () => {
      seedMany(home, MANY);
      app = await openApp({ host, home });
      ({ page } = app);
    });
    afterAll(() => app.close());

    it('are in the page only as far as they are in view, all can be reached, and the keyboard moves through them', async () => {
      await openRuns(page);
      expect(await countOf(page)).toBe(String(MANY + 1));
      expect(await page.getByRole('row').count()).toBeLessThan(80);

      await page.locator('[role=row][aria-rowindex="2"] [data-column=name]').focus();
      await page.keyboard.press('Control+End');
      await expect
        .poll(() => page.evaluate(() => document.activeElement?.closest('[role=row]')?.getAttribute('aria-rowindex')))
        .toBe(String(MANY + 1));
      await page.keyboard.press('ArrowUp');
      await page.keyboard.press('Home');
      const focused = await page.evaluate(() => {
        const cell = document.activeElement as HTMLElement;
        const [box, frame] = [
          cell.getBoundingClientRect(),
          (cell.closest('[role=grid]') as HTMLElement).getBoundingClientRect(),
        ];
        return {
          row: cell.parentElement?.getAttribute('aria-rowindex'),
          inside: box.top >= frame.top && box.bottom <= frame.bottom,
        };
      });
      expect(focused).toEqual({ row: String(MANY), inside: true });
      // Exactly one cell is in the tab order.
      expect(await page.locator('[role=grid] [tabindex="0"]').count()).toBe(1);
    });

    it('are found by words and facets, which count what they would give and stay in the address', async () => {
      await openRuns(page);
      await page.getByPlaceholder('Find by name').fill('sweep-4999');
      await expect.poll(() => namesOf(page)).toEqual(['sweep-4999']);
      await page.getByPlaceholder('Find by name').fill('');
      await page.getByRole('button', { name: 'Model' }).click();
      const option = page.getByRole('menuitemcheckbox', { name: /deit_micro/ });
      const promised = Number((await option.textContent())?.match(/[\d,]+$/)?.[0].replace(',', ''));
      await option.click();
      await page.keyboard.press('Escape');
      await expect.poll(() => countOf(page)).toBe(String(promised + 1));
      await expect.poll(() => page.url()).toContain('model=deit_micro');
      await page.reload();
      await page.locator('[data-testid=runs-table][data-ready=true]').waitFor();
      expect(await countOf(page)).toBe(String(promised + 1));
      await page.getByPlaceholder('Find by name').fill('nothing is called this');
      await page.getByText('No run fits the filter').waitFor();
      await page.getByRole('button', { name: 'Clear filter' }).first().click();
      await expect.poll(() => countOf(page)).toBe(String(MANY + 1));
    });

    it('are sorted by the keyboard, and the choice is kept', async () => {
      await openRuns(page);
      const head = page.getByRole('columnheader', { name: 'Val top-1' });
      await head.focus();
      await page.keyboard.press('Enter');
      await expect.poll(() => head.getAttribute('aria-sort')).toBe('descending');
      const best = async (): Promise<number[]> =>
        (await page.locator('[role=gridcell][data-column=best]').allTextContents()).map(Number.parseFloat);
      await expect.poll(async () => (await best())[0]).toBeGreaterThan(99);
      const values = await best();
      expect(values).toEqual(values.toSorted((a, b) => b - a));
      const width = async (): Promise<number> => (await head.boundingBox())?.width ?? 0;
      const before = await width();
      await page.keyboard.press('Shift+ArrowRight');
      await expect.poll(width).toBe(before + 16);
      // The widths are stored shortly after the last change.
      const kept = (): unknown =>
        withStore(home, (store) =>
          store.prepare("SELECT group_concat(value) FROM settings WHERE value LIKE '%widths%'").pluck().get(),
        );
      await expect.poll(kept).toMatch(/"widths":\{"best":\d+\}/);
      await page.reload();
      await page.locator('[data-testid=runs-table][data-ready=true]').waitFor();
      expect(await head.getAttribute('aria-sort')).toBe('descending');
      expect(await width()).toBe(before + 16);
    });
  });

  describe('a few of them', () => {
    const home = temporary('few-runs');
    let app: App;
    let page: Page;
    beforeAll(async () => {
      withStore(home, (store) => {
        const flowers = seedDataset(store, 'flowers');
        seedRun(store, flowers, { name: 'nameless', learns: { to: 0.7, half: 0.3 } });
        seedRun(store, flowers, { name: 'baseline', preset: 'constant', learns: { to: 0.8, half: 0.3 } });
        seedRun(store, flowers, { name: 'curriculum', learns: { to: 0.85, half: 0.2 } });
        seedRun(store, flowers, { name: 'broken', state: 'failed' });
        for (const name of ['first', 'second', 'third']) seedRun(store, flowers, { name, state: 'queued' });
        store.prepare("UPDATE runs SET queue_position = rowid WHERE state = 'queued'").run();
        store.prepare("INSERT INTO settings (key, value) VALUES ('queue_runs', 'false')").run();
      });
      app = await openApp({ host, home });
      ({ page } = app);
    });
    afterAll(() => app.close());

    it('can be used by everyone: axe finds nothing, light and dark', async () => {
      await openRuns(page);
      await rowOf(page, 'broken').locator('[data-column=state]').click();
      await page.keyboard.press('Space');
      const wrong = async (): Promise<unknown[]> =>
        (await new AxeBuilder({ page }).analyze()).violations.map(({ id, nodes }) => [id, nodes[0]?.html]);
      expect(await wrong()).toEqual([]);
      await page.emulateMedia({ colorScheme: 'dark' });
      await page.getByRole('button', { name: 'Queue 3' }).click();
      await page.getByRole('list', { name: 'Queue' }).waitFor();
      expect(await wrong()).toEqual([]);
      await page.emulateMedia({ colorScheme: 'light' });
      await page.getByRole('button', { name: 'Queue 3' }).click();
    });

    it('are grouped with the mean of their seeds; the keyboard passes from group to group', async () => {
      await openRuns(page);
      const names = (await namesOf(page)).sort();
      await page.getByRole('button', { name: 'Group', exact: true }).click();
      const heads = page.getByRole('row').filter({ hasText: 'equivalent epochs' });
      await expect.poll(() => heads.count()).toBeGreaterThan(1);
      const count = await heads.count();
      expect(await countOf(page)).toBe(String(names.length + count + 1));
      expect((await namesOf(page)).sort()).toEqual(names);
      expect(await heads.filter({ hasText: 'constant' }).textContent()).toMatch(/1 run.*seed 0.*Val top-1, best: \d/);
      await page.locator('[data-column=name]').first().focus();
      for (let row = 1; row < names.length; row++) await page.keyboard.press('ArrowDown');
      const row = page.locator('[role=row]:has(:focus)');
      await expect.poll(() => row.getAttribute('aria-rowindex')).toBe(String(names.length + count + 1));
      expect((await new AxeBuilder({ page }).analyze()).violations.map(({ id }) => id)).toEqual([]);
      await page.getByRole('button', { name: 'Group', exact: true }).click();
      await expect.poll(() => heads.count()).toBe(0);
    });

    it('are renamed in place, tagged and noted, and all of it is stored', async () => {
      await openRuns(page);
      await rowOf(page, 'nameless').locator('[data-column=state]').click();
      await page.keyboard.press('F2');
      await page.keyboard.type('a name');
      await page.keyboard.press('Enter');
      await rowOf(page, 'a name').waitFor();
      // The focus returns to its place, so the keyboard continues there.
      expect(await page.evaluate(() => document.activeElement?.getAttribute('role'))).toBe('gridcell');
      await page.getByLabel('Tags').fill('good, seed 0');
      await page.keyboard.press('Enter');
      await rowOf(page, 'a name').getByText('seed 0').waitFor({ state: 'attached' });
      await page.getByLabel('Notes').fill('Half the time.');
      await page.getByLabel('Notes').blur();
      await expect
        .poll(() =>
          withStore(home, (store) => store.prepare("SELECT tags, notes FROM runs WHERE name = 'a name'").get()),
        )
        .toEqual({ tags: '["good","seed 0"]', notes: 'Half the time.' });
      await page.locator('[role=gridcell]:focus, body').first().press('Control+z');
      await page.locator('[role=row] a').first().waitFor();
    });

    it('go to the trash and come back, and are deleted for good only when that is confirmed', async () => {
      await openRuns(page);
      await rowOf(page, 'broken').locator('[data-column=state]').click();
      await page.keyboard.press('Delete');
      await rowOf(page, 'broken').waitFor({ state: 'detached' });
      await page.getByRole('button', { name: 'Undo' }).click();
      await rowOf(page, 'broken').locator('[data-column=state]').click();
      await page.keyboard.press('Delete');
      await page
        .getByRole('radio', { name: /Trash 1/ })
        .or(page.getByRole('button', { name: /Trash 1/ }))
        .click();
      await rowOf(page, 'broken').locator('[data-column=state]').click();
      const panel = page.getByRole('complementary');
      await panel.getByRole('button', { name: 'Delete for good' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByText('can’t be brought back').waitFor();
      await page.keyboard.press('Escape');
      await rowOf(page, 'broken').waitFor();
      await panel.getByRole('button', { name: 'Delete for good' }).click();
      await dialog.getByRole('button', { name: 'Delete for good' }).click();
      await page.getByText('The trash is empty').waitFor();
      expect(
        withStore(home, (store) => store.prepare("SELECT count(*) FROM runs WHERE name = 'broken'").pluck().get()),
      ).toBe(0);
    });

    it('are chosen by Space and Shift and compared, the first as the baseline', async () => {
      await openRuns(page, '?q=flowers');
      await rowOf(page, 'baseline').locator('[data-column=state]').click();
      await page.keyboard.press('Space');
      await page.keyboard.press('Shift+ArrowUp');
      await page.getByText('2 selected').waitFor();
      expect(await rowOf(page, 'curriculum').getAttribute('aria-selected')).toBe('true');
      await page.getByRole('toolbar').getByRole('button', { name: 'Compare' }).click();
      const compare = page.locator('[data-testid=compare][data-ready=true]');
      await compare.waitFor();
      const heads = await compare.locator('table[aria-label=Comparison] thead a').allTextContents();
      expect(heads).toEqual(['baseline', 'curriculum']);
    });

    it('are cloned as a draft, which opens', async () => {
      await openRuns(page);
      await rowOf(page, 'curriculum').locator('[data-column=state]').click({ button: 'right' });
      await page.getByRole('menuitem', { name: 'Clone as new draft' }).click();
      await expect.poll(() => page.url()).toMatch(/#\/new\/\w+/);
    });

    it('wait in an order that the keyboard and the mouse change', async () => {
      const stored = (): string[] =>
        withStore(home, (store) =>
          store.prepare('SELECT name FROM runs WHERE queue_position IS NOT NULL ORDER BY queue_position').pluck().all(),
        ) as string[];
      await openRuns(page, '?queue=1');
      const items = page.getByRole('list', { name: 'Queue' }).getByRole('listitem');
      await expect.poll(() => items.count()).toBe(3);
      await items.nth(2).focus();
      await page.keyboard.press('Alt+ArrowUp');
      await expect.poll(stored).toEqual(['first', 'third', 'second']);
      await items.nth(0).dragTo(items.nth(2));
      await expect.poll(stored).toEqual(['third', 'second', 'first']);
      await page.getByRole('button', { name: 'Remove second from the queue' }).click();
      await expect.poll(stored).toEqual(['third', 'first']);
      await rowOf(page, 'second').locator('[data-column=state]').getByText('Not started').waitFor();
      await rowOf(page, 'second').locator('[data-column=state]').click({ button: 'right' });
      await page.getByRole('menuitem', { name: 'Add to queue' }).click();
      await expect.poll(stored).toEqual(['third', 'first', 'second']);
      await rowOf(page, 'second').locator('[data-column=state]').getByText('Queued').waitFor();
      await page.getByRole('button', { name: 'Remove second from the queue' }).click();
      await expect.poll(stored).toEqual(['third', 'first']);
      await rowOf(page, 'third').locator('[data-column=state]').click({ button: 'right' });
      await page.getByRole('menuitem', { name: 'Stop', exact: true }).click();
      await expect.poll(stored).toEqual(['first']);
      await rowOf(page, 'third').locator('[data-column=state]').getByText('Stopped').waitFor();
    });
  });

  it('that are not there yet are announced, with the way to the first', async () => {
    const app = await openApp({ host });
    try {
      const { page } = app;
      await openRuns(page);
      await page.getByText('No runs yet').waitFor();
      await page.locator('main').getByRole('button', { name: 'New run' }).last().click();
      await expect.poll(() => page.url()).toContain('#/new');
    } finally {
      await app.close();
    }
  });
});
