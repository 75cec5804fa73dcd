/**
 * Settings are stored when they are made, shown at once, and kept over a restart. The test also covers the doctor, and
 * the palette, the shortcut sheet and the focus of the shell.
 */
import { describe, expect, it } from 'vitest';
import { HOSTS, type App } from './support/app';
import { opensApps } from './support/opens-apps';

describe.each(HOSTS)('settings (%s)', (host) => {
  const open = opensApps();
  const background = (page: App['page']): Promise<string> =>
    page.evaluate(() => getComputedStyle(document.body).backgroundColor);

  it('change theme and language at once, and keep them', async () => {
    const app = await open({ host });
    const { page, home } = app;
    await page.getByRole('link', { name: 'Settings' }).click();
    const light = await background(page);
    await page
      .getByRole('radio', { name: 'Dark' })
      .or(page.getByRole('button', { name: 'Dark', exact: true }))
      .click();
    await expect.poll(() => background(page)).not.toBe(light);
    await page.getByLabel('Language').click();
    await page.getByRole('option', { name: '中文' }).click();
    await page.getByRole('heading', { level: 1, name: '设置' }).waitFor();
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('zh-CN');
    // The language also applies outside of a screen's own strings: in the status bar and in commands.
    await expect.poll(() => page.getByRole('contentinfo').textContent()).toMatch(/当前没有训练/);
    await page.keyboard.press('Control+k');
    await page.getByRole('option', { name: /设计训练/ }).waitFor();
    await page.keyboard.press('Escape');
    await app.close();
    const again = await open({ host, home });
    await again.page.getByRole('link', { name: '设置' }).waitFor();
    expect(await background(again.page)).not.toBe(light);
  });

  it('refuse what is out of range and say so, and store what is not', async () => {
    const { page } = await open({ host });
    await page.getByRole('link', { name: 'Settings' }).click();
    await page.getByRole('tab', { name: 'Training' }).click();
    const workers = page.getByLabel('Decoding workers');
    await workers.fill('0');
    await workers.press('Enter');
    await page.getByText('A whole number from 1 to 256').waitFor();
    await page.getByRole('tab', { name: 'General' }).click();
    await page.getByRole('tab', { name: 'Training' }).click();
    await expect.poll(() => workers.inputValue()).toBe('2');
    await workers.fill('5');
    await workers.press('Enter');
    await page.getByRole('switch', { name: 'Start queued runs by themselves' }).click();
    await page.reload();
    await expect.poll(() => page.getByLabel('Decoding workers').inputValue()).toBe('5');
    expect(
      await page.getByRole('switch', { name: 'Start queued runs by themselves' }).getAttribute('aria-checked'),
    ).toBe('false');
  });

  it('have a doctor that tells what the program runs on, and licences to look through', async () => {
    const { page, home } = await open({ host });
    // Until the machine has answered, the first link is a different one.
    await page
      .getByRole('contentinfo')
      .getByRole('link', { name: /\d cores?/ })
      .click();
    await page.getByRole('tab', { name: 'Engine doctor', selected: true }).waitFor();
    await page.getByRole('heading', { name: /checks? (passed|failed)/ }).waitFor({ timeout: 90_000 });
    const found = page.getByRole('listitem');
    expect(await found.count()).toBeGreaterThan(8);
    await expect.poll(() => found.filter({ hasText: 'Data folder' }).textContent()).toContain(home);
    await page.getByRole('tab', { name: 'About' }).click();
    await page.getByLabel('Find a package or a licence').fill('sharp-libvips');
    await expect.poll(() => page.getByRole('row').count()).toBeGreaterThan(2);
    await page.getByLabel('Find a package or a licence').fill('nothing of this name');
    await page.getByText('Nothing fits “nothing of this name”').waitFor();
  });
});

describe.each(HOSTS)('the shell (%s)', (host) => {
  const open = opensApps();
  const focused = (page: App['page']): Promise<string> =>
    page.evaluate(() => `${document.activeElement?.tagName} ${document.activeElement?.textContent?.trim()}`);

  it('goes anywhere by the palette and by keys, the focus to the heading', async () => {
    const { page } = await open({ host });
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').fill('settings');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor();
    await expect.poll(() => focused(page)).toBe('H1 Settings');
    await page.keyboard.press('Control+4');
    await page.getByRole('heading', { level: 1, name: 'Runs' }).waitFor();
    await expect.poll(() => focused(page)).toMatch(/^H1 Runs/);
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').fill('zzz');
    await page.getByText('Nothing fits “zzz”').waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
  });

  it('lists its keys, and those that a browser keeps by others', async () => {
    const { page } = await open({ host });
    await page.keyboard.press('Control+/');
    const sheet = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
    await sheet.waitFor();
    const keys = host === 'desktop' ? 'Ctrl+N' : 'Alt+Shift+N';
    await expect.poll(() => sheet.getByText(keys, { exact: true }).count()).toBe(1);
    expect(await sheet.getByText('Quit', { exact: true }).count()).toBe(host === 'desktop' ? 1 : 0);
    await page.keyboard.press('Escape');
    await page.keyboard.press(host === 'desktop' ? 'Control+n' : 'Alt+Shift+N');
    await page.waitForURL(/#\/new/);
  });
});
