/**
 * The fate of a run when the desktop's window, its main process or the trainer ends, and what the system is informed
 * of.
 */
import { once } from 'node:events';
import type { Locator } from 'playwright-core';
import { afterEach, describe, expect, it } from 'vitest';
import { isResumable } from '../../src/shared/run-state';
import type { Run } from '../../src/main/store/runs';
import { call, homeWithRun, isAlive, openDesktop, stateOf, type DesktopApp } from './support/desktop';

/** Epochs: more than any test waits for. */
const LONG = 4000;
const WAIT = { timeout: 60_000, interval: 200 };

let app: DesktopApp | null = null;
let trainers: { home: string; run: Run }[] = [];

afterEach(async () => {
  const [last, left] = [app, trainers];
  [app, trainers] = [null, []];
  for (const { home, run } of left) {
    const { pid } = stateOf(home, run);
    if (pid !== null && isAlive(pid)) process.kill(pid, 'SIGKILL');
  }
  await last?.close();
});

async function training(): Promise<{ app: DesktopApp; home: string; run: Run; now: () => Run }> {
  const { home, run } = await homeWithRun(LONG);
  trainers.push({ home, run });
  app = await openDesktop({ home });
  await call(app.page, 'runs.start', { run: run.id });
  const now = (): Run => stateOf(home, run);
  await expect.poll(() => now().step, WAIT).toBeGreaterThan(3);
  return { app, home, run, now };
}

const closeWindow = ({ electron }: DesktopApp): Promise<void> =>
  electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());

/**
 * Clicks a button that closes the window. The driver may lose the window before the click is reported, so its error is
 * ignored; if the click failed, the test waits for an end in vain.
 */
const lastClick = (button: Locator): Promise<void> => button.click().catch(() => undefined);

describe('quitting while it trains', () => {
  it('asks; staying continues; saving leaves a run that can be resumed', async () => {
    const { app: open, now } = await training();
    const dialog = open.page.getByRole('dialog');
    await closeWindow(open);
    await expect.poll(() => dialog.textContent()).toContain('1 run is training');
    await dialog.getByRole('button', { name: 'Stay' }).click();
    await expect.poll(() => dialog.count()).toBe(0);
    expect(isAlive(now().pid)).toBe(true);
    const ended = once(open.child, 'exit');
    await open.page.keyboard.press('Control+k');
    await open.page.getByRole('combobox').fill('Quit');
    await open.page.keyboard.press('Enter');
    await lastClick(dialog.getByRole('button', { name: 'Save and quit' }));
    expect((await ended)[0]).toBe(0);
    expect(isResumable(now().state)).toBe(true);
    expect(now().step).toBeGreaterThan(0);
  });

  it('keeps training in the background, and the next start shows it live; who has chosen is not asked', async () => {
    const { app: open, home, run, now } = await training();
    const { pid } = now();
    const ended = once(open.child, 'exit');
    await closeWindow(open);
    await lastClick(open.page.getByRole('button', { name: 'Keep training in the background' }));
    expect((await ended)[0]).toBe(0);
    const { step } = now();
    await expect.poll(() => now().step, WAIT).toBeGreaterThan(step);
    app = await openDesktop({ home });
    await expect.poll(() => app?.page.getByRole('contentinfo').textContent()).toContain(now().name);
    expect(now()).toMatchObject({ state: 'running', pid });
    expect(isAlive(pid)).toBe(true);

    await call(app.page, 'runs.stop', { run: run.id });
    await expect.poll(() => now().state, WAIT).toBe('stopped');
    await call(app.page, 'runs.background', { run: run.id, background: false });
    await call(app.page, 'app.change', { on_quit: 'checkpoint' });
    await call(app.page, 'runs.start', { run: run.id });
    await expect.poll(() => now().state, WAIT).toBe('running');
    const endedAgain = once(app.child, 'exit');
    await closeWindow(app);
    expect((await endedAgain)[0]).toBe(0);
    expect(isResumable(now().state)).toBe(true);
  });
});

describe('a process that ends', () => {
  it('the window: loaded again, and the run does not notice; the program: the trainer saves; the trainer: interrupted', async () => {
    const { app: open, home, run, now } = await training();
    const { pid, step } = now();
    open.expectComplaints(/the page crashed/);
    await open.electron.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows()[0]?.webContents.forcefullyCrashRenderer(),
    );
    // The test's own driver has lost the crashed page, so the program inspects it.
    const text = (): Promise<string> =>
      open.electron.evaluate(
        ({ BrowserWindow }) =>
          BrowserWindow.getAllWindows()[0]?.webContents.executeJavaScript('document.body.innerText') as Promise<string>,
      );
    await expect.poll(text, WAIT).toContain('was started again');
    await expect.poll(() => now().step, WAIT).toBeGreaterThan(step);
    expect(now()).toMatchObject({ state: 'running', pid });

    const ended = once(open.child, 'exit');
    open.child.kill('SIGKILL');
    await ended;
    await expect.poll(() => isAlive(pid), WAIT).toBe(false);
    expect(now().state).toBe('interrupted');
    const saved = now().step;
    expect(saved).toBeGreaterThan(step);

    const next = await openDesktop({ home });
    app = next;
    const shown = await next.electron.evaluateHandle(({ Notification }) => {
      const titles: string[] = [];
      Notification.prototype.show = function () {
        titles.push(this.title);
      };
      return titles;
    });
    expect(await call(next.page, 'runs.start', { run: run.id })).toMatchObject({ ok: true });
    await expect.poll(() => now().step, WAIT).toBeGreaterThan(saved);
    process.kill(now().pid as number, 'SIGKILL');
    await expect.poll(() => now().state, WAIT).toBe('interrupted');
    await expect.poll(() => shown.jsonValue(), WAIT).toEqual(['Training was interrupted']);
  });
});

describe('messages to the system', () => {
  it('of a run from start to end: progress, no sleep, a notification', async () => {
    const { home, run } = await homeWithRun(12);
    trainers.push({ home, run });
    const open = await openDesktop({ home });
    app = open;
    const told = await open.electron.evaluateHandle(({ BrowserWindow, Notification, powerSaveBlocker }) => {
      const seen = {
        progress: [] as number[],
        blocked: [] as string[],
        shown: [] as { title: string; body: string }[],
      };
      const { start, stop } = powerSaveBlocker;
      powerSaveBlocker.start = (type) => {
        seen.blocked.push(type);
        return start(type);
      };
      powerSaveBlocker.stop = (id) => {
        seen.blocked.push('allowed');
        return stop(id);
      };
      BrowserWindow.prototype.setProgressBar = (progress) => void seen.progress.push(progress);
      Notification.prototype.show = function () {
        seen.shown.push({ title: this.title, body: this.body });
      };
      return seen;
    });
    await call(open.page, 'runs.start', { run: run.id });
    await expect.poll(() => stateOf(home, run).state, WAIT).toBe('completed');
    await expect.poll(async () => (await told.jsonValue()).shown, WAIT).toHaveLength(1);
    const { progress, blocked, shown } = await told.jsonValue();
    expect(shown[0]).toMatchObject({ title: 'Training completed', body: expect.stringContaining(run.name) as string });
    expect(shown[0]?.body).toMatch(/val\/top1 \d+\.\d %/);
    await expect
      .poll(async () => (await told.jsonValue()).blocked, WAIT)
      .toEqual(['prevent-app-suspension', 'allowed']);
    expect(blocked[0]).toBe('prevent-app-suspension');
    expect(progress.some((fraction) => fraction > 0 && fraction < 1)).toBe(true);
    await expect.poll(async () => (await told.jsonValue()).progress.at(-1), WAIT).toBe(-1);
  });
});
