/**
 * One run in the window: start, pause and resume; reading, zooming and saving charts; its classes, log and
 * configuration.
 */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { databasePath } from '../../src/main/base/home';
import { listDatasets } from '../../src/main/store/datasets';
import { lastEvaluation } from '../../src/main/services/runs/class-accuracy';
import { learningOrderByClass } from '../../src/main/services/runs/learning-order';
import { learnedRows } from '../../src/renderer/views/run/learned-rows';
import { openStore } from '../../src/main/store/open';
import { runById, type Run } from '../../src/main/store/runs';
import { look, newRun, temporary } from '../support/training';
import { HOSTS, openApp, type App } from './support/app';
import { isAlive } from './support/desktop';
import { trainedHome, type TrainedHome } from './support/trained-home';

const WAIT = { timeout: 60_000, interval: 150 };

const chart = (page: Page, title: string) => page.locator(`[data-testid=chart][data-chart="${title}"]`);
const crosshair = (page: Page, title: string) => chart(page, title).getByRole('slider');

async function open(app: App, run: string, tab = ''): Promise<Page> {
  // A mouse that rests over a chart moves its crosshair when the layout shifts beneath it.
  await app.page.mouse.move(0, 0);
  await app.page.evaluate((to) => (location.hash = to), `#/runs/${run}${tab ? `?tab=${tab}` : ''}`);
  await app.page.getByRole('tab').first().waitFor();
  return app.page;
}

const drawn = (page: Page, title: string): Promise<void> =>
  page.locator(`[data-testid=chart][data-chart="${title}"][data-ready=true]`).waitFor();

/** Returns name and content of the file that the next click saves. */
async function saved(page: Page, action: () => Promise<void>): Promise<{ name: string; bytes: Buffer }> {
  await page.evaluate(() => {
    const seen = window as unknown as { saved?: Promise<{ name: string; base64: string }> };
    seen.saved = new Promise((resolve) => {
      const make = URL.createObjectURL.bind(URL);
      let blob: Blob | null = null;
      URL.createObjectURL = (object: Blob) => {
        blob = object;
        return make(object);
      };
      const { click } = HTMLAnchorElement.prototype;
      HTMLAnchorElement.prototype.click = function (this: HTMLAnchorElement) {
        URL.createObjectURL = make;
        HTMLAnchorElement.prototype.click = click;
        const reader = new FileReader();
        reader.onload = () => resolve({ name: this.download, base64: String(reader.result).split(',')[1] ?? '' });
        if (blob) reader.readAsDataURL(blob);
      };
    });
  });
  await action();
  const { name, base64 } = await page.evaluate(
    () => (window as unknown as { saved: Promise<{ name: string; base64: string }> }).saved,
  );
  return { name, bytes: Buffer.from(base64, 'base64') };
}

async function choose(page: Page, title: string, item: string): Promise<void> {
  await chart(page, title)
    .getByRole('button', { name: `Actions of chart ${title}` })
    .click();
  await page.getByRole('menuitem', { name: item }).click();
}

/** The home is trained once for all hosts. Each host has a copy, with its graphs already built and a waiting run. */
let source: Promise<TrainedHome> | null = null;

async function homeOfHost(host: string): Promise<TrainedHome & { waiting: Run }> {
  source ??= trainedHome('run');
  const trained = await source;
  const home = join(temporary(`run-${host}`), 'home');
  cpSync(trained.home, home, { recursive: true });
  const store = openStore(databasePath(home));
  const dataset = listDatasets(store).find(({ id }) => id === trained.dataset);
  store.close();
  if (!dataset) throw new Error('the copy has no dataset');
  return { ...trained, home, waiting: newRun(home, dataset, { epochs: 4000 }) };
}

describe.each(HOSTS)('a run (%s)', (host) => {
  let trained: Awaited<ReturnType<typeof homeOfHost>>;
  let app: App;
  beforeAll(async () => {
    trained = await homeOfHost(host);
    app = await openApp({ host, home: trained.home });
  });
  afterAll(async () => {
    const { pid } = look(trained.home, trained.waiting.id).run;
    if (pid !== null && isAlive(pid)) process.kill(pid, 'SIGKILL');
    await app.close();
  });
  afterEach(async () => {
    await app.page.keyboard.press('Escape');
  });

  it('shows its points as the store has them, in a table behind the chart', async () => {
    const page = await open(app, trained.run.id);
    await drawn(page, 'Loss');
    await choose(page, 'Loss', 'Show data table');
    const table = chart(page, 'Loss').getByRole('table');
    await table.waitFor();
    const { series } = look(trained.home, trained.run.id);
    const rows = await table.locator('tbody tr:not([aria-hidden])').evaluateAll((list) =>
      list.map((row) => ({
        step: Number(row.querySelector('th')?.textContent?.replace(/\D/g, '')),
        train: row.querySelectorAll('td')[2]?.getAttribute('title'),
      })),
    );
    expect(rows.length).toBeGreaterThan(5);
    const stored = new Map(series['train/loss']?.map(({ step, value }) => [step, value]));
    for (const { step, train: value } of rows) expect(Number(value)).toBe(stored.get(step));
    expect(await table.getAttribute('aria-rowcount')).toBe(String(stored.size + 1));
    await choose(page, 'Loss', 'Hide data table');
    expect(await table.count()).toBe(0);
  });

  it('is read off by the arrow keys, all charts at the same step', async () => {
    const page = await open(app, trained.run.id);
    await drawn(page, 'Loss');
    await crosshair(page, 'Loss').focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    const { series } = look(trained.home, trained.run.id);
    const third = series['train/loss']?.[2];
    await expect.poll(() => crosshair(page, 'Loss').getAttribute('aria-valuenow'), WAIT).toBe(String(third?.step));
    const text = `step ${third?.step} · stage 1/`;
    await expect.poll(() => crosshair(page, 'Loss').getAttribute('aria-valuetext'), WAIT).toContain(text);
    expect(await crosshair(page, 'Gradient norm').getAttribute('aria-valuetext')).toContain(text);
    await page.keyboard.press('Escape');
    expect(await crosshair(page, 'Loss').getAttribute('aria-valuetext')).toContain('Last values');
  });

  it('zooms by a drag, all charts together, and shows all again', async () => {
    const page = await open(app, trained.run.id);
    await drawn(page, 'Loss');
    const whole = page.getByRole('toolbar').getByRole('button', { name: 'Reset zoom' });
    expect(await whole.count()).toBe(0);
    const area = await crosshair(page, 'Loss').boundingBox();
    if (!area) throw new Error('the chart has no place');
    const y = area.y + area.height / 2;
    await page.mouse.move(area.x + area.width * 0.4, y);
    await page.mouse.down();
    await page.mouse.move(area.x + area.width * 0.7, y, { steps: 4 });
    await page.mouse.up();
    const last = trained.run.steps;
    const range = async (title: string): Promise<number[]> => {
      const slider = crosshair(page, title);
      return [Number(await slider.getAttribute('aria-valuemin')), Number(await slider.getAttribute('aria-valuemax'))];
    };
    await expect.poll(async () => (await range('Loss'))[0], WAIT).toBeGreaterThan(0.2 * last);
    expect((await range('Loss'))[1]).toBeLessThan(0.8 * last);
    await expect.poll(() => range('Memory'), WAIT).toEqual(await range('Loss'));
    await whole.click();
    await expect.poll(() => range('Loss'), WAIT).toEqual([0, last]);
  });

  it('zooms all charts to a stage of the ribbon, by mouse and by keys', async () => {
    const page = await open(app, trained.run.id);
    await drawn(page, 'Loss');
    const range = async (): Promise<number[]> => {
      const slider = crosshair(page, 'Memory');
      return [Number(await slider.getAttribute('aria-valuemin')), Number(await slider.getAttribute('aria-valuemax'))];
    };
    const whole = await range();
    const ribbon = page.getByTestId('ribbon');
    await ribbon.getByRole('option').first().click();
    await expect.poll(range, WAIT).not.toEqual(whole);
    const first = await range();
    expect(first[0]).toBe(0);
    await ribbon.press('ArrowRight');
    await expect.poll(async () => (await range())[0], WAIT).toBe(first[1]);
    expect(await page.getByTestId('ribbon-facts').textContent()).toContain('Stage 2/');
    await ribbon.press('Enter');
    await expect.poll(range, WAIT).toEqual(whole);
  });

  it('shows one chart alone, and keeps its vertical axis', async () => {
    const page = await open(app, trained.run.id);
    await drawn(page, 'Accuracy');
    await page.getByRole('button', { name: 'Actions of chart Accuracy' }).click();
    await page.getByRole('menuitemcheckbox', { name: 'Vertical axis: from 0' }).click();
    await page.getByRole('button', { name: 'Actions of chart Accuracy' }).click();
    const chosen = page.getByRole('menuitemcheckbox', { name: 'Vertical axis: from 0' });
    expect(await chosen.getAttribute('aria-checked')).toBe('true');
    await page.getByRole('menuitem', { name: 'Enlarge' }).click();
    await expect.poll(() => page.getByTestId('chart').count(), WAIT).toBe(1);
    await page.getByRole('button', { name: 'Show all charts' }).click();
    await expect.poll(() => page.getByTestId('chart').count(), WAIT).toBeGreaterThan(5);
  });

  it('changes the horizontal axis, and keeps it', async () => {
    const page = await open(app, trained.run.id);
    await drawn(page, 'Loss');
    const epochs = trained.run.config.schedule.equivalent_epochs;
    await page.getByRole('button', { name: 'Equivalent epochs' }).click();
    await expect
      .poll(async () => Number(await crosshair(page, 'Loss').getAttribute('aria-valuemax')), WAIT)
      .toBeCloseTo(epochs, 0);
    await crosshair(page, 'Loss').focus();
    await page.keyboard.press('End');
    await expect
      .poll(() => crosshair(page, 'Accuracy').getAttribute('aria-valuetext'), WAIT)
      .toContain('equivalent epochs');
    // The choice is stored after a short delay.
    const store = openStore(databasePath(trained.home));
    const kept = (): unknown => store.prepare("SELECT value FROM settings WHERE key = 'layout'").pluck().get();
    await expect.poll(kept, WAIT).toContain('equivalent_epochs');
    store.close();
    await page.getByRole('button', { name: 'Step', exact: true }).click();
  });

  it('saves a chart as PNG, SVG and CSV', async () => {
    const page = await open(app, trained.run.id);
    await drawn(page, 'Loss');
    const png = await saved(page, () => choose(page, 'Loss', 'Save as PNG'));
    expect(png.name).toBe('loss.png');
    expect(png.bytes.subarray(0, 8).toString('hex')).toBe('89504e470d0a1a0a');
    expect(png.bytes.readUInt32BE(16)).toBe(1920);
    const svg = (await saved(page, () => choose(page, 'Loss', 'Save as SVG'))).bytes.toString();
    expect(svg).toMatch(/^<svg[^>]*width="960"/);
    expect(svg).toContain('>Loss</text>');
    expect(svg).toContain('>val at 32 px</text>');
    const csv = (await saved(page, () => choose(page, 'Loss', 'Save all points as CSV'))).bytes
      .toString()
      .trim()
      .split('\n');
    const { series } = look(trained.home, trained.run.id);
    expect(csv[0]).toBe('step,seconds,equivalent_epochs,train,val at 32 px,val at stage size');
    expect(csv.length - 1).toBe(
      new Set([...(series['train/loss'] ?? []), ...(series['val/loss'] ?? [])].map(({ step }) => step)).size,
    );
    const [step, , , value] = (csv[1] ?? '').split(',');
    expect(Number(value)).toBe(series['train/loss']?.find((point) => point.step === Number(step))?.value);
  });

  it('opens the images behind a cell of the confusion matrix', async () => {
    const page = await open(app, trained.run.id, 'classes');
    await page.getByRole('button', { name: 'Last', exact: true }).click();
    const store = openStore(databasePath(trained.home));
    const confusion = lastEvaluation(store, trained.run.id, 'raw')?.confusion ?? [];
    store.close();
    const all = confusion.flatMap((row, label) => row.map((count, prediction) => ({ label, prediction, count })));
    const cell = all.reduce((most, candidate) => (candidate.count > most.count ? candidate : most));
    await page.getByTestId('confusion').focus();
    for (let row = 0; row < cell.label; row++) await page.keyboard.press('ArrowDown');
    for (let column = 0; column < cell.prediction; column++) await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    const images = page.getByTestId('cell-images');
    await expect.poll(() => images.locator('li').count(), WAIT).toBe(cell.count);
    await expect.poll(() => images.locator('li img').first().getAttribute('src'), WAIT).toMatch(/^data:image\//);
    // For a class, all images that were taken for another class are shown.
    const bar = page.getByRole('region', { name: 'Accuracy by class' }).getByRole('button').first();
    const [correct, count] =
      ((await bar.textContent()) ?? '')
        .match(/(\d+) \/ (\d+)/)
        ?.slice(1)
        .map(Number) ?? [];
    await bar.click();
    await expect.poll(() => images.locator('li').count(), WAIT).toBe((count as number) - (correct as number));
    if (count !== correct)
      await expect.poll(() => images.locator('li img').first().getAttribute('src'), WAIT).toMatch(/^data:image\//);
  });

  it('shows at which size images were learned, and the images behind each bar', async () => {
    const page = await open(app, trained.run.id, 'classes');
    const store = openStore(databasePath(trained.home));
    const order = learningOrderByClass(store, trained.run, 'raw');
    store.close();
    if (!order) throw new Error('The run has no learning order.');
    const [all, first] = learnedRows(order, 0);
    const bars = page.getByTestId('learning-order');
    for (const { bandwidth, count } of all?.groups ?? [])
      await bars
        .getByText(`${bandwidth === null ? 'never' : `learned at ${bandwidth} px`}: ${count} of ${all?.count}`)
        .waitFor();
    const images = page.getByTestId('learned-images');
    await bars.getByRole('button', { name: /^All classes/ }).press('Enter');
    for (const [index, { count }] of (all?.groups ?? []).entries()) {
      await images
        .getByRole('button', { name: /\(\d+\)$/ })
        .nth(index)
        .click();
      await expect.poll(() => images.locator('li').count(), WAIT).toBe(count);
    }
    // The pointer chooses a part of a class's bar.
    const shown = first?.groups.findLast(({ count }) => count > 0);
    const row = bars.locator('.item').nth(1);
    await row.locator('[data-group]').last().click();
    await expect.poll(() => images.locator('li').count(), WAIT).toBe(shown?.count);
    await expect.poll(() => images.locator('li img').first().getAttribute('src'), WAIT).toMatch(/^data:image\//);
  });

  it('shows the classes of the best step, or of the last one', async () => {
    const page = await open(app, trained.run.id, 'classes');
    await page.getByRole('button', { name: 'Best', exact: true }).click();
    const measured = page.getByText(/^Measured at step/);
    const stepOf = async (): Promise<number> =>
      Number(/step ([\d,]+)/.exec((await measured.textContent()) ?? '')?.[1]?.replace(',', ''));
    const store = openStore(databasePath(trained.home));
    const best = runById(store, trained.run.id)?.best?.step;
    store.close();
    await expect.poll(stepOf, WAIT).toBe(best ?? trained.run.steps);
    await page.getByRole('button', { name: 'Last', exact: true }).click();
    await expect.poll(stepOf, WAIT).toBe(trained.run.steps);
  });

  it('shows the batch that the model gets', async () => {
    const page = await open(app, trained.run.id, 'batch');
    const images = page.getByTestId('batch-images').locator('img');
    await expect.poll(() => images.count(), WAIT).toBe(trained.run.plan.stages.at(-1)?.batch);
    expect(await images.first().getAttribute('src')).toMatch(/^data:image\//);
    expect(await page.getByText(/^Step .* · stage/).textContent()).toContain(
      `B ${trained.run.plan.stages.at(-1)?.bandwidth}`,
    );
  });

  it('tells its events, and its configuration with where each field came from', async () => {
    const page = await open(app, trained.run.id, 'log');
    await expect.poll(() => page.getByTestId('log').textContent(), WAIT).toContain('Completed after');
    await page.getByRole('searchbox', { name: 'Find in the log' }).fill('started');
    await expect.poll(() => page.getByTestId('log').textContent(), WAIT).not.toContain('Completed after');
    await open(app, trained.run.id, 'configuration');
    await page.getByRole('searchbox', { name: 'Find a field' }).fill('batch chosen');
    const row = page.getByRole('row').filter({ hasText: 'data.batch' });
    expect(await row.textContent()).toContain('16');
  });

  it('is renamed in place', async () => {
    const page = await open(app, trained.run.id);
    await page.getByRole('button', { name: 'Rename run' }).click();
    await page.getByRole('textbox', { name: 'Name of the run' }).fill('signs, first');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.locator('main h1').textContent(), WAIT).toBe('signs, first');
    const store = openStore(databasePath(trained.home));
    expect(runById(store, trained.run.id)?.name).toBe('signs, first');
    store.close();
  });

  it('that has failed says what, why and what to do; one that was interrupted offers to resume', async () => {
    const page = await open(app, trained.failed.id);
    const alert = page.getByRole('alert');
    await expect.poll(() => alert.textContent(), WAIT).toMatch(/not a number.*steps 2 to 3.*Lower optimizer\.base_lr/s);
    expect(await alert.getByRole('button', { name: 'Resume' }).isVisible()).toBe(true);
    await open(app, trained.interrupted.id);
    await expect.poll(() => page.getByRole('button', { name: 'Discard' }).isVisible(), WAIT).toBe(true);
    await expect.poll(() => chart(page, 'Loss').textContent(), WAIT).toContain('No points yet');
    await page.getByRole('button', { name: 'Inspect' }).click();
    await expect.poll(() => page.url(), WAIT).toContain('tab=log');
  });

  it('that does not exist says so', async () => {
    await app.page.evaluate(() => (location.hash = '#/runs/nothing'));
    await expect.poll(() => app.page.locator('main h1').textContent(), WAIT).toBe('This run can’t be opened');
    await app.page.getByRole('button', { name: 'Show all runs' }).click();
    await expect.poll(() => app.page.url(), WAIT).toMatch(/#\/runs$/);
  });

  it('starts from the window, moves, pauses with what was saved, resumes and stops', async () => {
    const { home, waiting: run } = trained;
    const page = await open(app, run.id);
    const state = page.getByTestId('run-state');
    const shown = (): Promise<string | null> => state.getAttribute('data-state');
    const step = async (): Promise<number> =>
      Number(((await page.getByTestId('run-step').textContent()) ?? '').split(' of ')[0]?.replace(/\D/g, ''));
    if (/queued|not_started/.test((await shown()) ?? '')) await page.getByRole('button', { name: 'Start now' }).click();
    await expect.poll(shown, WAIT).toBe('running');
    await expect.poll(step, WAIT).toBeGreaterThan(3);
    const reached = async (): Promise<number> => Number(await crosshair(page, 'Loss').getAttribute('aria-valuemax'));
    const before = await reached();
    await expect.poll(reached, WAIT).toBeGreaterThan(before);

    await page.getByRole('button', { name: 'Pause', exact: true }).click();
    // The state changes at once, before the trainer has finished its step.
    expect(await state.textContent()).toMatch(/Pausing|Paused/);
    await expect.poll(shown, WAIT).toBe('paused');
    const paused = look(home, run.id).run.step;
    await expect
      .poll(() => page.getByText(/Saved: checkpoint of step/).textContent(), WAIT)
      .toContain(`step ${paused.toLocaleString('en')},`);

    await page.getByRole('button', { name: 'Resume', exact: true }).click();
    await expect.poll(shown, WAIT).toBe('running');
    await expect.poll(step, WAIT).toBeGreaterThan(paused);
    await page.getByRole('button', { name: 'Stop', exact: true }).click();
    await expect.poll(shown, WAIT).toBe('stopped');
    // The curve on the screen ends at the same step as the store's.
    await expect.poll(reached, WAIT).toBe(look(home, run.id).series['train/loss']?.at(-1)?.step);
  });
});
