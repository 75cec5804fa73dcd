/** What every host's launcher takes and gives: one file per host beside this one. */
import type { ChildProcess } from 'node:child_process';
import type { ElectronApplication, Page } from 'playwright-core';

export interface LaunchOptions {
  home: string;
  /** For the program, after its own. */
  args: readonly string[];
  env: Record<string, string>;
  viewport: { width: number; height: number };
  colorScheme: 'light' | 'dark';
  /** Called with the window before it loads anything, so that nothing it says is missed. */
  watch: (page: Page) => Promise<void>;
}

export interface Launched {
  page: Page;
  /** The host's own process: killing it is what a crash of the program is. */
  child: ChildProcess;
  /** The desktop's main process. */
  electron?: ElectronApplication;
  /** What it has printed so far. */
  printed: () => string;
  /** Ends window and host in order. */
  close: () => Promise<void>;
}

export type Launch = (options: LaunchOptions) => Promise<Launched>;
