/**
 * The stand-in for Electron reports what Electron would: faults planted in the built program keep its window from
 * opening.
 */
import { cpSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { _electron } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { appRoot } from '../../src/main/base/entry';
import { findChromium } from './support/chromium';

const LOOK_MS = 15_000;

/** Copies the program into a folder of its own, so that its built files can be changed. */
function copyOfProgram(): string {
  const folder = mkdtempSync(join(tmpdir(), 'efficienttrain-fault-'));
  for (const name of ['out', 'package.json', 'resources'])
    cpSync(join(appRoot(), name), join(folder, name), { recursive: true });
  for (const name of ['node_modules', 'test']) symlinkSync(join(appRoot(), name), join(folder, name));
  return folder;
}

type Edit = (text: string) => string;

/** Edits the built files. @throws Error where nothing changed, because then there is no fault */
function spoil(program: string, folder: string, edit: Edit): void {
  const files = readdirSync(join(program, 'out', folder), { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.c?js$/.test(name),
  );
  let changed = 0;
  for (const file of files.map((name) => join(program, 'out', folder, name))) {
    const before = readFileSync(file, 'utf8');
    const after = edit(before);
    if (after === before) continue;
    writeFileSync(file, after);
    changed++;
  }
  if (!changed) throw new Error('nothing was spoilt');
}

/** Says whether the window shows the number of cores, which only the program can know. */
async function opens(program: string): Promise<boolean> {
  const home = mkdtempSync(join(tmpdir(), 'efficienttrain-fault-home-'));
  const env = {
    ...(process.env as Record<string, string>),
    ELECTRON_DOUBLE_CHROMIUM: JSON.stringify(await findChromium()),
  };
  const executablePath = join(program, 'test', 'e2e', 'electron-double', 'electron');
  const electron = await _electron
    .launch({ executablePath, args: [program, '--home', home], env, timeout: 30_000 })
    .catch(() => null);
  if (!electron) return false;
  // The process must be read before the program ends.
  const child = electron.process();
  try {
    const page = await electron.firstWindow({ timeout: LOOK_MS });
    await page
      .getByRole('contentinfo')
      .getByText(/\d cores?/)
      .first()
      .waitFor({ timeout: LOOK_MS });
    return await electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isVisible() ?? false);
  } catch {
    return false;
  } finally {
    child.kill('SIGKILL');
  }
}

const replace =
  (from: string | RegExp, to: string): Edit =>
  (text) =>
    text.replace(from, to);

const FAULTS: [string, string, Edit][] = [
  ['a channel without a handler', 'main', replace('ipcMain.handle("studio:call"', 'ipcMain.handle("studio:cal"')],
  [
    'a second handler for a channel',
    'main',
    replace('ipcMain.handle("studio:dropped"', 'ipcMain.handle("studio:call"'),
  ],
  ['a sender check that refuses its own window', 'main', replace('.parent === null', '.parent !== null')],
  ['a scheme without an origin', 'main', replace('standard: true', 'standard: false')],
  ['a policy that lets no script run', 'main', replace("default-src 'self'", "default-src 'none'")],
  [
    'a sandbox asked for too late',
    'main',
    replace(/app\.enableSandbox\(\);?/, 'app.whenReady().then(() => app.enableSandbox());'),
  ],
  [
    'a preload that is an ES module',
    'preload',
    (text) => `import { contextBridge as bridge } from 'electron';\n${text}`,
  ],
  ['a preload that needs Node', 'preload', (text) => `require('node:fs');\n${text}`],
  [
    'a preload that exposes another name',
    'preload',
    replace('exposeInMainWorld("studio"', 'exposeInMainWorld("studyo"'),
  ],
  [
    'a module that Electron does not have',
    'main',
    replace(/\bpowerMonitor\b(?=[^;]*\} from "electron")/, 'powerMonitor, powerMeter'),
  ],
];

describe('faults that Electron would stumble over', () => {
  it('are not there: the copy opens', async () => expect(await opens(copyOfProgram())).toBe(true));

  it.each(FAULTS)('%s', async (_name, folder, edit) => {
    const program = copyOfProgram();
    spoil(program, folder, edit);
    expect(await opens(program)).toBe(false);
  });
});
