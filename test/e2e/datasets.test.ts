/** Import of a folder with planted flaws: scan, review, exclude, undo, commit, browse, locate and remove. */
import { cpSync, existsSync, linkSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import type { Locator, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { smallSample, temporary } from '../support/training';
import { HOSTS, openApp, type App, type HostKind } from './support/app';
import { pickFile, pickFolder } from './support/pick';
import { sharedData, sharedDataMissing } from '../support/shared-data';

/** The smaller part of the photographs: it takes a fifth of the time and tests the same. */
const FLOWERS = sharedData('flowers/val');

/**
 * Makes 36 training and 9 validation images of three classes. It adds a leak, a copy, a conflict, a truncated file, an
 * empty one, a tiny one and a note.
 */
async function plantedFlaws(place: string): Promise<string> {
  const root = smallSample(join(place, 'digits'), 12, ['zero', 'one', 'two']);
  const nth = (folder: string, index: number): string =>
    join(root, folder, readdirSync(join(root, folder)).sort()[index] as string);
  const [held, copied, conflicting, whole] = [
    nth('val/zero', 0),
    nth('train/one', 1),
    nth('train/two', 2),
    nth('train/two', 3),
  ];
  cpSync(held, join(root, 'train/zero/leaked.jpg'));
  cpSync(copied, join(root, 'train/one/zz-copy.jpg'));
  cpSync(conflicting, join(root, 'train/zero/conflict.jpg'));
  const bytes = readFileSync(whole);
  writeFileSync(join(root, 'train/two/cut.jpg'), bytes.subarray(0, Math.floor(bytes.length / 2)));
  writeFileSync(join(root, 'train/two/empty.jpg'), '');
  writeFileSync(join(root, 'notes.txt'), 'no image');
  await sharp({ create: { width: 20, height: 16, channels: 3, background: '#c33' } })
    .png()
    .toFile(join(root, 'train/two/tiny.png'));
  return root;
}

/** Makes a folder whose scan takes long enough to be stopped. */
function longFolder(place: string): string {
  const root = join(place, 'long');
  const image = join(import.meta.dirname, '../../resources/sample/sign-digits/train/zero');
  mkdirSync(join(root, 'a'), { recursive: true });
  const first = join(root, 'a', '0.jpg');
  cpSync(join(image, readdirSync(image).sort()[0] as string), first);
  for (let index = 1; index < 8000; index++) linkSync(first, join(root, 'a', `${index}.jpg`));
  return root;
}

/**
 * Makes twelve images and a table in a Windows code page that no line declares. It has folds in place of splits, a
 * useless column, a file with another spelling, and a row without a label in line 7.
 */
function windowsTable(place: string): string {
  const root = join(place, 'table');
  mkdirSync(root);
  const names = ['zero', 'one', 'two'];
  const labels = ['Fünf', 'Straße', 'Zwölf'];
  const rows = Array.from({ length: 12 }, (_, index) => {
    const from = join(import.meta.dirname, '../../resources/sample/sign-digits/train', names[index % 3] as string);
    cpSync(join(from, readdirSync(from).sort()[index] as string), join(root, `photo${index}.jpg`));
    return [index === 3 ? 'PHOTO3.JPG' : `photo${index}.jpg`, index === 5 ? '' : labels[index % 3], index % 4, 9].join(
      ',',
    );
  });
  const table = join(root, 'labels.csv');
  writeFileSync(table, Buffer.from(['image,label,fold,age', ...rows, ''].join('\r\n'), 'latin1'));
  return table;
}

vi.setConfig({ testTimeout: 120_000 });
/** Tests share the machine, so results may take longer. */
const eventually = { timeout: 20_000 };

const open = (host: HostKind, place: string): Promise<App> =>
  openApp({
    host,
    args: host === 'serve' ? ['--allow', place, ...(sharedDataMissing ? [] : ['--allow', FLOWERS])] : [],
  });

async function goToDatasets(page: Page): Promise<void> {
  await page.getByRole('navigation', { name: 'Screens' }).getByRole('link', { name: 'Datasets' }).click();
  await page.getByRole('heading', { name: 'Datasets', level: 1 }).waitFor();
}

const importButton = (page: Page): Locator => page.getByRole('button', { name: 'Import dataset' });
/** Drops a file as the system does, except for the path: a file that a page makes has none. */
const drop = (page: Page, name: string): Promise<void> =>
  page.evaluate((file) => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File(['x'], file));
    for (const type of ['dragover', 'drop'])
      document
        .querySelector('main')
        ?.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
  }, name);
const split = (page: Page, name: string): Locator => page.getByRole('group', { name: 'Split' }).getByText(name);
const card = (page: Page, kind: string): Locator => page.locator(`[data-kind="${kind}"]`);
const verdict = (page: Page): Promise<string | null> => page.locator('.verdict h2').textContent();

describe.each(HOSTS)('datasets (%s)', (host) => {
  const place = temporary('datasets');
  let app: App;
  let page: Page;
  let source: string;
  beforeAll(async () => {
    source = await plantedFlaws(place);
    app = await open(host, place);
    page = app.page;
    page.setDefaultTimeout(30_000);
  });
  afterAll(() => app.close());

  it('says what will be here, and where to begin', async () => {
    await goToDatasets(page);
    await page.getByRole('heading', { name: 'No datasets yet' }).waitFor();
    expect(await page.getByRole('button', { name: 'Use the bundled sample' }).isVisible()).toBe(true);
  });

  it('says what can be dropped on it, and asks for the place of what has none', async () => {
    await drop(page, 'cat.jpg');
    await page.getByText('cat.jpg is one file. Drop the folder').waitFor();
    expect(await page.getByText('Drop a folder to import it').count()).toBe(0);
    if (host === 'desktop') return;
    await drop(page, 'labels.csv');
    await page.getByText('Choose “labels.csv” here').waitFor();
    await page.getByRole('dialog', { name: 'Choose a table of path,label' }).waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByRole('dialog').count(), eventually).toBe(0);
  });

  it('scans a folder that was picked and shows what it found, worst first', async () => {
    await pickFolder(app, source, () => importButton(page).click());
    await page.waitForURL(/#\/reviews\//, { timeout: 90_000 });
    await page.locator('.verdict').waitFor();
    expect(await verdict(page)).toMatch(/^Ready: 49 images, 3 classes\. \d+ things to check\.$/);
    const kinds = await page
      .locator('[data-kind]')
      .evaluateAll((cards) => cards.map((each) => each.getAttribute('data-kind')));
    const planted = ['leak', 'label_conflict', 'truncated', 'empty', 'duplicate', 'tiny', 'ignored'];
    expect(kinds.filter((kind) => planted.includes(kind ?? ''))).toEqual(planted);
    // The files of a kind are shown after its card.
    await expect
      .poll(() => card(page, 'leak').textContent(), eventually)
      .toMatch(/1 training image is also held out.*train\/zero\/leaked\.jpg/s);
    await expect.poll(() => card(page, 'truncated').textContent(), eventually).toContain('train/two/cut.jpg');
    // Both images of the pair have been loaded.
    await expect.poll(() => card(page, 'leak').locator('img[src^="data:image/"]').count(), eventually).toBe(2);
  });

  it('while a leak is in it, the bright button leaves it out; all that is recommended is one change', async () => {
    const primary = page.locator('main header .primary');
    expect(await primary.textContent()).toMatch(/^Leave out 3 and import 46$/);
    expect(await page.getByRole('button', { name: 'Import all 49' }).isEnabled()).toBe(true);
    const recommended = page.getByRole('button', { name: 'Apply all recommended' });
    await recommended.click();
    await expect.poll(() => recommended.count(), eventually).toBe(0);
    expect(await primary.textContent()).toMatch(/^Import \d+ images$/);
    await page.getByRole('button', { name: 'Undo the last change' }).click();
    await expect.poll(() => verdict(page), eventually).toContain('Ready: 49 images');
    expect(await primary.textContent()).toMatch(/^Leave out 3 and import 46$/);
  });

  it('leaves files out one by one or all of a kind, and takes it back', async () => {
    await card(page, 'leak').getByRole('button', { name: 'Leave out 1 file' }).click();
    await expect.poll(() => verdict(page), eventually).toContain('Ready: 48 images');
    expect(await card(page, 'leak').textContent()).toContain('never seen');
    await card(page, 'label_conflict').getByRole('button', { name: 'Leave out train/zero/conflict.jpg' }).click();
    await expect.poll(() => verdict(page), eventually).toContain('Ready: 47 images');
    expect(await card(page, 'label_conflict').textContent()).toContain('1 of 2 left out');
    await card(page, 'tiny').getByRole('button', { name: 'Leave out 1 file' }).click();
    await expect.poll(() => card(page, 'tiny').count(), eventually).toBe(0);
    expect(await verdict(page)).toContain('Ready: 46 images');
    await page.locator('body').press('ControlOrMeta+z');
    await expect.poll(() => verdict(page), eventually).toContain('Ready: 47 images');
    await page.getByRole('button', { name: 'Redo what was undone' }).click();
    await expect.poll(() => verdict(page), eventually).toContain('Ready: 46 images');
    await page.locator('body').press('ControlOrMeta+z');
    await expect.poll(() => verdict(page), eventually).toContain('Ready: 47 images');
    await page.getByRole('button', { name: 'Undo the last change' }).click();
    await expect.poll(() => verdict(page), eventually).toContain('Ready: 48 images');
    await expect.poll(() => card(page, 'label_conflict').getByText('left out').count(), eventually).toBe(0);
    expect(await card(page, 'leak').textContent()).toContain('1 left out');
  });

  it('has no fault of accessibility', async () => {
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
  });

  it('waits for its decision when the screen is left, and imports under the name that was given', async () => {
    await goToDatasets(page);
    await page.getByText('Waiting for review').waitFor();
    await page.getByRole('button', { name: 'Review', exact: true }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('Digits, cleaned');
    await page.getByRole('button', { name: 'Import all 48' }).click();
    await page.getByRole('heading', { name: 'Digits, cleaned', level: 1 }).waitFor();
    await page.getByRole('tab', { name: 'Findings' }).click();
    const leak = page.getByRole('row').filter({ hasText: 'train/zero/leaked.jpg' });
    expect(await leak.first().textContent()).toContain('left out');
    expect(await page.getByRole('row').filter({ hasText: 'zz-copy.jpg' }).first().textContent()).toContain('kept');
  });

  it('browses by class, split, file name and keyboard, with one picture large', async () => {
    await page.getByRole('tab', { name: 'Images' }).click();
    const grid = page.getByRole('grid', { name: 'Images' });
    await page.getByRole('option', { name: /^one\s+16\s+Train 13, Validation 3/ }).click();
    await page.getByText('one · 13 images').waitFor();
    await expect.poll(() => grid.locator('img[src^="data:image/"]').count(), eventually).toBe(13);
    await split(page, 'Validation').click();
    await page.getByText('one · 3 images').waitFor();
    await grid.focus();
    await page.keyboard.press('End');
    await page.keyboard.press('Enter');
    const panel = page.getByRole('complementary', { name: 'Picture' });
    await panel.getByText('3 of 3').waitFor();
    await page.keyboard.press('ArrowLeft');
    await panel.getByText('2 of 3').waitFor();
    await expect.poll(() => panel.locator('img[src^="data:image/"]').count(), eventually).toBe(1);
    await page.keyboard.press('Escape');
    await expect.poll(() => panel.count(), eventually).toBe(0);
    expect(await grid.evaluate((element) => element === document.activeElement)).toBe(true);
    await split(page, 'Train').click();
    await page.getByRole('option', { name: 'All classes' }).click();
    await page.getByRole('searchbox', { name: 'Find by file name' }).fill('zz-copy');
    await page.getByText('1 image', { exact: true }).waitFor();
  });

  it('says that its folder is gone, and finds it where it has moved to', async () => {
    const moved = join(place, 'digits-moved');
    renameSync(source, moved);
    await goToDatasets(page);
    const row = page.getByRole('listitem').filter({ hasText: 'Digits, cleaned' });
    await page.reload();
    await row.getByText('Folder is gone').waitFor();
    // A folder without the dataset's files is refused, with the reason.
    const empty = join(place, 'empty');
    mkdirSync(empty);
    await pickFolder(app, empty, () => row.getByRole('button', { name: 'Locate' }).click());
    const refused = page.getByRole('alert').filter({ hasText: 'does not hold dataset' });
    await refused.waitFor();
    await refused.getByRole('button', { name: 'Close' }).click();
    await pickFolder(app, moved, () => row.getByRole('button', { name: 'Locate' }).click());
    await page.getByText('Digits, cleaned found again').waitFor();
    await expect.poll(() => row.textContent(), eventually).toContain('digits-moved');
    expect(await row.getByText('Folder is gone').count()).toBe(0);
  });

  it('renames and removes it, after asking', async () => {
    await page.getByRole('button', { name: 'Actions for Digits, cleaned' }).click();
    await page.getByRole('menuitem', { name: 'Rename' }).click();
    await page.getByRole('dialog').getByRole('textbox').fill('Digits');
    await page.getByRole('dialog').getByRole('button', { name: 'Rename' }).click();
    await page.getByRole('link', { name: 'Digits', exact: true }).waitFor();
    await page.getByRole('button', { name: 'Actions for Digits' }).click();
    await page.getByRole('menuitem', { name: 'Remove' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove record' }).click();
    await page.getByRole('heading', { name: 'No datasets yet' }).waitFor();
    expect(existsSync(join(place, 'digits-moved/train/zero/leaked.jpg'))).toBe(true);
  });

  it('shows how far a scan is wherever one was meanwhile, and stops it', async () => {
    await pickFolder(app, longFolder(place), () => importButton(page).click());
    await page.getByText('Scanning long').waitFor();
    await page.getByRole('navigation', { name: 'Screens' }).getByRole('link', { name: 'Home' }).click();
    await goToDatasets(page);
    await expect
      .poll(() => page.locator('[data-scan]').textContent(), eventually)
      .toMatch(/files so far|of 8,000 images/);
    await page.getByRole('button', { name: 'Cancel scan' }).click();
    await page.getByText('The scan of long was cancelled').waitFor();
    expect(await page.locator('[data-scan]').count()).toBe(0);
    await expect.poll(() => page.getByText('Waiting for review').count(), eventually).toBe(0);
  });

  it('says why a folder can’t be used, and what to do', async () => {
    const nothing = join(place, 'nothing');
    mkdirSync(nothing);
    await pickFolder(app, nothing, () => importButton(page).click());
    const told = page.getByRole('alert').filter({ hasText: 'is empty' });
    await told.waitFor();
    expect(await told.textContent()).toContain('one folder per class');
    await told.getByRole('button', { name: 'Dismiss' }).click();
    await expect.poll(() => told.count(), eventually).toBe(0);
  });

  it('asks where folders may be classes or splits, and imports nothing before it is answered', async () => {
    const parts = join(place, 'parts');
    for (const part of ['part one', 'part two'])
      for (const name of ['zero', 'one']) {
        const from = join(import.meta.dirname, '../../resources/sample/sign-digits/train', name);
        mkdirSync(join(parts, part, name), { recursive: true });
        const files = readdirSync(from)
          .sort()
          .slice(part === 'part one' ? 0 : 5, part === 'part one' ? 5 : 10);
        for (const file of files) cpSync(join(from, file), join(parts, part, name, file));
      }
    await pickFolder(app, parts, () => importButton(page).click());
    await page.getByRole('heading', { name: 'Are these folders classes or splits?' }).waitFor();
    const reading = (id: string): Locator => page.locator(`[data-reading="${id}"]`);
    expect(await reading('classes').textContent()).toMatch(/2 classes.*part one, part two.*Train.*20 files/s);
    expect(await reading('splits').textContent()).toMatch(/2 classes.*one, zero.*Train.*20 files/s);
    expect(await page.getByRole('button', { name: /^Import/ }).count()).toBe(0);
    expect((await new AxeBuilder({ page }).analyze()).violations.map(({ id }) => id)).toEqual([]);
    await page.getByRole('button', { name: 'They are splits' }).click();
    await page.locator('.verdict').waitFor();
    expect(await verdict(page)).toMatch(/^Ready: 20 images, 2 classes\./);
    expect(await page.getByText('part one, part two').count()).toBe(1);
    // The answer is kept when the validation split is drawn again.
    await page.getByLabel('Seed of the draw').fill('7');
    await page.getByRole('button', { name: 'Draw again' }).click();
    await expect.poll(() => page.getByRole('button', { name: 'Draw again' }).count(), eventually).toBe(0);
    expect(await verdict(page)).toMatch(/^Ready: 20 images, 2 classes\./);
    await page.getByRole('button', { name: 'Discard' }).click();
    await page.getByRole('heading', { name: 'Datasets', level: 1 }).waitFor();
    await expect.poll(() => page.getByText('Waiting for review').count(), eventually).toBe(0);
  });

  it('says how a table that it can’t read may be read, and reads it so', async () => {
    const table = windowsTable(place);
    await goToDatasets(page);
    await pickFile(app, table, async () => {
      await page.getByRole('button', { name: 'Other sources' }).click();
      await page.getByRole('menuitem', { name: 'Import a CSV table' }).click();
    });
    const refusal = page
      .getByRole('listitem')
      .filter({ has: page.getByRole('heading', { name: 'labels.csv could not be scanned' }) });
    await refusal.getByText(/Line 2 is not UTF-8.*windows-1252/).waitFor();
    const read = refusal.getByRole('button', { name: 'Read it like this' });
    expect(await read.isDisabled()).toBe(true);
    expect((await new AxeBuilder({ page }).analyze()).violations.map(({ id }) => id)).toEqual([]);
    await refusal.getByRole('combobox', { name: 'Encoding' }).click();
    await page.getByRole('option', { name: 'windows-1252' }).click();
    await read.click();
    // Answers are kept, so only open questions are asked.
    await refusal.getByText(/fold/).first().waitFor();
    expect(await refusal.getByRole('combobox', { name: 'Encoding' }).textContent()).toContain('windows-1252');
    await refusal.getByRole('textbox', { name: 'Its value for validation' }).fill('0');
    await read.click();
    await page.waitForURL(/#\/reviews\//, { timeout: 90_000 });
    await page.locator('.verdict').waitFor();
    expect(await verdict(page)).toMatch(/^Ready: 11 images, 3 classes\./);
    expect(await refusal.count()).toBe(0);
  });

  it('shows what it took from a table and what it left, and reads it anew with other settings', async () => {
    await expect
      .poll(() => card(page, 'bad_row').textContent(), eventually)
      .toMatch(/1 row of the table can’t be used.*line 7/s);
    expect(await card(page, 'bad_row').getByText('always left out').count()).toBe(1);
    for (const [kind, said] of [
      ['other_spelling', /another spelling/],
      ['unused_column', /1 column of the table isn’t used.*age/s],
      ['table_note', /How the table was read/],
    ] as const) {
      await expect.poll(() => card(page, kind).textContent(), eventually).toMatch(said);
      // A note excludes nothing.
      expect(
        await card(page, kind)
          .getByRole('button', { name: /^Leave out/ })
          .count(),
      ).toBe(0);
    }
    expect((await new AxeBuilder({ page }).analyze()).violations.map(({ id }) => id)).toEqual([]);
    const settings = page.getByRole('complementary', { name: 'Import as' });
    await settings.getByText('How the table is read').click();
    expect(await settings.getByRole('textbox', { name: 'Its value for validation' }).inputValue()).toBe('0');
    expect(await settings.getByRole('combobox', { name: 'Encoding' }).textContent()).toContain('windows-1252');
    await settings.getByRole('textbox', { name: 'Its value for validation' }).fill('1');
    await settings.getByRole('textbox', { name: 'Name' }).fill('by hand');
    const before = page.url();
    await settings.getByRole('button', { name: 'Read it like this' }).click();
    await page.waitForURL((url) => url.href !== before && url.href.includes('#/reviews/'), { timeout: 90_000 });
    await expect.poll(() => verdict(page), eventually).toMatch(/^Ready: 11 images, 3 classes\./);
    expect(await settings.getByRole('textbox', { name: 'Name' }).inputValue()).toBe('by hand');
    await page.getByRole('button', { name: 'Discard' }).click();
    await page.getByRole('heading', { name: 'Datasets', level: 1 }).waitFor();
    await expect.poll(() => page.getByText('Waiting for review').count(), eventually).toBe(0);
  });

  it.skipIf(sharedDataMissing)(
    'finds the copies that real photographs hold (skipped without ../shared/data)',
    async () => {
      await pickFolder(app, FLOWERS, () => importButton(page).click());
      await page.waitForURL(/#\/reviews\//, { timeout: 90_000 });
      await page.locator('.verdict').waitFor();
      expect(await verdict(page)).toMatch(/^Ready: \d+ images, 5 classes\./);
      await page.locator('.scroller').evaluate((element) => element.scrollTo(0, element.scrollHeight));
      await expect
        .poll(() => page.getByRole('grid').locator('img[src^="data:image/"]').count(), eventually)
        .toBeGreaterThan(8);
      // Only rows in view exist in the page.
      expect(await page.getByRole('gridcell').count()).toBeLessThan(200);
      await page.getByRole('button', { name: 'Discard' }).click();
      await page.getByRole('heading', { name: 'Datasets', level: 1 }).waitFor();
      await expect.poll(() => page.getByText('Waiting for review').count(), eventually).toBe(0);
    },
  );
});
