/** Arguments and results of every host's launcher; each host has one file beside this one. */
import type { ChildProcess } from 'node:child_process';
import type { ElectronApplication, Page } from 'playwright-core';

export interface LaunchOptions {
  home: string;
  /** Arguments of the program, after its own. */
  args: readonly string[];
  env: Record<string, string>;
  viewport: { width: number; height: number };
  colorScheme: 'light' | 'dark';
  /** Is called with the window before it loads anything, so that no message is missed. */
  watch: (page: Page) => Promise<void>;
}

export interface Launched {
  page: Page;
  /** The host's own process; killing it is a crash of the program. */
  child: ChildProcess;
  /** The desktop's main process. */
  electron?: ElectronApplication;
  /** Returns what the host has printed so far. */
  printed: () => string;
  /** Closes window and host in order. */
  close: () => Promise<void>;
}

export type Launch = (options: LaunchOptions) => Promise<Launched>;
