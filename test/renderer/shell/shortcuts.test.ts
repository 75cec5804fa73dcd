import { beforeAll, describe, expect, it, vi } from 'vitest';
import type * as Commands from '../../../src/renderer/commands/dispatch';
import { COMMANDS } from '../../../src/shared/commands';

type Dispatch = typeof Commands;

/** Loads the window's module for a platform, which it reads once, when it is loaded. */
async function dispatchOn(platform: string, desktop: boolean): Promise<Dispatch> {
  vi.resetModules();
  vi.stubGlobal('navigator', { platform });
  vi.stubGlobal('window', desktop ? { studio: {} } : {});
  return import('../../../src/renderer/commands/dispatch');
}

const press = (key: string, fields: Partial<KeyboardEvent> = {}): KeyboardEvent =>
  ({ key, code: '', ctrlKey: false, shiftKey: false, altKey: false, metaKey: false, ...fields }) as KeyboardEvent;
const command = (id: string): (typeof COMMANDS)[number] => COMMANDS.find((candidate) => candidate.id === id)!;

describe('keys', () => {
  let linux: Dispatch;
  beforeAll(async () => (linux = await dispatchOn('Linux x86_64', false)));

  it('fit with exactly their modifiers', () => {
    expect(linux.fitsKeys('CmdOrCtrl+K', press('k', { ctrlKey: true }))).toBe(true);
    expect(linux.fitsKeys('CmdOrCtrl+K', press('k'))).toBe(false);
    expect(linux.fitsKeys('CmdOrCtrl+K', press('K', { ctrlKey: true, shiftKey: true }))).toBe(false);
    expect(linux.fitsKeys('CmdOrCtrl+K', press('k', { ctrlKey: true, altKey: true }))).toBe(false);
    expect(linux.fitsKeys('Alt+Shift+N', press('N', { altKey: true, shiftKey: true }))).toBe(true);
  });

  it('fit on other layouts: a sign that wants Shift, digits that do not give digits, letters that are not Latin', () => {
    expect(linux.fitsKeys('CmdOrCtrl+/', press('/', { ctrlKey: true, shiftKey: true, code: 'Digit7' }))).toBe(true);
    expect(linux.fitsKeys('CmdOrCtrl+1', press('&', { ctrlKey: true, code: 'Digit1' }))).toBe(true);
    expect(linux.fitsKeys('CmdOrCtrl+K', press('л', { ctrlKey: true, code: 'KeyK' }))).toBe(true);
    // On a Dvorak keyboard, the character on the key counts.
    expect(linux.fitsKeys('CmdOrCtrl+K', press('t', { ctrlKey: true, code: 'KeyK' }))).toBe(false);
  });

  it('are worded as the machine writes them, and as they work in a browser', async () => {
    expect(linux.shortcutOf(command('run.new'))).toBe('Alt+Shift+N');
    expect(linux.shortcutOf(command('edit.redo'))).toBe('Ctrl+Shift+Z');
    const mac = await dispatchOn('MacIntel', true);
    expect(mac.shortcutOf(command('run.new'))).toBe('⌘N');
    expect(mac.shortcutOf(command('edit.redo'))).toBe('⌘⇧Z');
    expect(mac.fitsKeys('CmdOrCtrl+K', press('k', { metaKey: true }))).toBe(true);
  });

  it('belong to one command each, in a browser too', () => {
    const used = COMMANDS.flatMap(({ accelerator, browser }) => [accelerator, browser ?? null]).filter(
      (keys) => keys !== null,
    );
    expect(new Set(used).size).toBe(used.length);
    // Browsers handle these keys before the page does, so no command may have only such keys.
    for (const keys of [
      'CmdOrCtrl+N',
      'CmdOrCtrl+T',
      'CmdOrCtrl+W',
      'CmdOrCtrl+Shift+N',
      'CmdOrCtrl+Shift+P',
      'CmdOrCtrl+Shift+W',
    ])
      expect(COMMANDS.filter(({ accelerator, browser }) => accelerator === keys && !browser)).toEqual([]);
  });
});
