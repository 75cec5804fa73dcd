/** Opens the window as a user does, on a fresh data folder, and checks that the page reports no error. */
import type { ConsoleMessage, Page } from 'playwright-core';
import { temporary } from '../../support/training';
import type { Launch, Launched } from './launch';
import { launchDesktop } from './launch-desktop';
import { launchServe } from './launch-serve';

const LAUNCHERS = { serve: launchServe, desktop: launchDesktop } satisfies Record<string, Launch>;

export type HostKind = keyof typeof LAUNCHERS;

/** The hosts on which every specification runs: `describe.each(HOSTS)`. */
export const HOSTS = Object.keys(LAUNCHERS) as HostKind[];

export interface AppOptions {
  host: HostKind;
  /** The data folder; by default a new one. */
  home?: string;
  args?: readonly string[];
  env?: Record<string, string>;
  viewport?: { width: number; height: number };
  colorScheme?: 'light' | 'dark';
}

export interface App extends Omit<Launched, 'close'> {
  page: Page;
  home: string;
  /** Allows the page's complaints that match, for example because a test kills the host. */
  expectComplaints: (pattern: RegExp) => void;
  /** Ends the program. @throws Error with the window's complaints */
  close: () => Promise<void>;
}

const START_MS = 30_000;

interface Complaints {
  watch: (page: Page) => Promise<void>;
  expect: (pattern: RegExp) => void;
  left: () => string[];
}

function complaints(): Complaints {
  const [said, expected]: [string[], RegExp[]] = [[], []];
  const heard = (message: ConsoleMessage): void => {
    if (message.type() !== 'error' && message.type() !== 'warning') return;
    const { url, lineNumber } = message.location();
    said.push(`${message.type()}: ${message.text()} (${url}:${lineNumber})`);
  };
  return {
    async watch(page) {
      page.on('console', heard);
      page.on('pageerror', (error) => said.push(`error: ${error.stack ?? error.message}`));
      page.on('crash', () => said.push('the page crashed'));
      await page.addInitScript(() => {
        addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sourceFile, lineNumber }) =>
          console.error(`content security policy: ${violatedDirective} ${blockedURI} ${sourceFile}:${lineNumber}`),
        );
      });
    },
    expect: (pattern) => expected.push(pattern),
    left: () => said.filter((line) => !expected.some((pattern) => pattern.test(line))),
  };
}

/** Resolves when the window shows its shell and a screen. */
export async function openApp(options: AppOptions): Promise<App> {
  const { host, home = temporary('window'), args = [], env = {} } = options;
  const { viewport = { width: 1440, height: 900 }, colorScheme = 'light' } = options;
  const heard = complaints();
  const launched = await LAUNCHERS[host]({ home, args, env, viewport, colorScheme, watch: heard.watch });
  const { page, child, printed, electron } = launched;
  // The first screen must be shown, because the router ignores a changed address before.
  await page
    .locator('#main > *')
    .first()
    .waitFor({ timeout: START_MS })
    .catch(async (error: Error) => {
      await launched.close();
      throw new Error(`The window did not open: ${error.message}\n${heard.left().join('\n')}\n${printed()}`);
    });
  return {
    ...{ page, home, child, printed, expectComplaints: heard.expect },
    ...(electron ? { electron } : {}),
    async close() {
      await launched.close();
      const left = heard.left();
      if (left.length) throw new Error(`The window complained:\n${left.join('\n')}`);
    },
  };
}
