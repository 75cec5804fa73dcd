/** The window itself opens, shows its title and machine, and obeys its policy. */
import { describe, expect, it } from 'vitest';
import { HOSTS } from './support/app';
import { opensApps } from './support/opens-apps';

describe.each(HOSTS)('the window (%s)', (host) => {
  const open = opensApps();

  it('opens with rail, machine and a screen, and without a complaint', async () => {
    const { page } = await open({ host });
    expect(await page.title()).toBe('EfficientTrain Studio');
    await expect.poll(() => page.getByRole('contentinfo').textContent()).toMatch(/core/);
    expect(await page.getByRole('navigation').count()).toBeGreaterThan(0);
    await expect.poll(() => page.locator('main h1').first().isVisible()).toBe(true);
    // No secret remains in the address.
    expect(page.url()).not.toContain('token');
  });

  it('comes back after a reload', async () => {
    const { page } = await open({ host });
    await page.reload();
    await page.getByRole('contentinfo').waitFor();
    await expect.poll(() => page.getByRole('contentinfo').textContent()).toMatch(/core/);
  });

  it('runs no script that did not come with it, and loads nothing from elsewhere', async () => {
    const app = await open({ host });
    const { page } = app;
    app.expectComplaints(/content security policy|Content Security Policy/i);
    const ran = await page.evaluate(async () => {
      const inline = document.createElement('script');
      inline.textContent = 'window.inlineRan = true';
      document.head.append(inline);
      const fetched = await fetch('https://example.com/').then(
        () => true,
        () => false,
      );
      let evaluated = true;
      try {
        (0, eval)('1');
      } catch {
        evaluated = false;
      }
      return { inline: 'inlineRan' in window, fetched, evaluated };
    });
    // The test's own code is injected by the debugger; only what a page's script could do counts.
    expect(ran).toMatchObject({ inline: false, fetched: false });
  });
});
