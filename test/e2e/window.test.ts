/** The window itself opens, shows its title and machine, and obeys its policy. */
import { afterEach, describe, expect, it } from 'vitest';
import { HOSTS, openApp, type App } from './support/app';

describe.each(HOSTS)('the window (%s)', (host) => {
  let app: App | null = null;
  afterEach(async () => {
    const last = app;
    app = null;
    await last?.close();
  });

  it('opens with rail, machine and a screen, and without a complaint', async () => {
    app = await openApp({ host });
    const { page } = app;
    expect(await page.title()).toBe('EfficientTrain Studio');
    await expect.poll(() => page.getByRole('contentinfo').textContent()).toMatch(/core/);
    expect(await page.getByRole('navigation').count()).toBeGreaterThan(0);
    await expect.poll(() => page.locator('main h1').first().isVisible()).toBe(true);
    // No secret remains in the address.
    expect(page.url()).not.toContain('token');
  });

  it('comes back after a reload', async () => {
    app = await openApp({ host });
    const { page } = app;
    await page.reload();
    await page.getByRole('contentinfo').waitFor();
    await expect.poll(() => page.getByRole('contentinfo').textContent()).toMatch(/core/);
  });

  it('runs no script that did not come with it, and loads nothing from elsewhere', async () => {
    app = await openApp({ host });
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
