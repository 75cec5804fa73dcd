import { describe, expect, it, vi } from 'vitest';
import { COMMANDS } from '../../src/shared/commands';
import { menuTemplate, type MenuOptions } from '../../src/main/desktop/menu-template';
import { languageOf } from '../../src/main/desktop/strings';

type Item = {
  id?: string;
  label?: string;
  accelerator?: string;
  registerAccelerator?: boolean;
  role?: string;
  click?: () => void;
};

function items(options: Partial<MenuOptions> = {}): Item[] {
  const template = menuTemplate({
    language: 'en',
    platform: 'linux',
    developer: false,
    run: () => undefined,
    ...options,
  });
  return template.flatMap(({ submenu }) => (submenu ?? []) as Item[]);
}

describe('the native menu', () => {
  it.each(['en', 'zh'] as const)('has every command once with title and accelerator (%s)', (language) => {
    const commands = items({ language }).filter(({ id }) => id);
    expect(commands.map(({ id, label, accelerator }) => [id, label, accelerator ?? null]).sort()).toEqual(
      COMMANDS.map(({ id, title, accelerator }) => [id, title[language], accelerator]).sort(),
    );
  });

  it('runs what is chosen', () => {
    const run = vi.fn();
    for (const { click } of items({ run })) click?.();
    expect(run.mock.calls.flat().sort()).toEqual(COMMANDS.map(({ id }) => id).sort());
  });

  it('leaves the keys to the window, but for quitting and reloading; macOS asks the window first', () => {
    const registered = (platform: NodeJS.Platform): (string | undefined)[] =>
      items({ platform })
        .filter(({ id, registerAccelerator }) => id && registerAccelerator)
        .map(({ id }) => id);
    expect(registered('linux').sort()).toEqual(['app.quit', 'view.reload']);
    expect(registered('darwin')).toHaveLength(COMMANDS.length);
  });

  it('shows developer tools in development only', () => {
    const roles = (developer: boolean): (string | undefined)[] => items({ developer }).map(({ role }) => role);
    expect(roles(true)).toContain('toggleDevTools');
    expect(roles(false)).not.toContain('toggleDevTools');
  });

  it('speaks the chosen language, else the system’s', () => {
    expect(languageOf('system', 'zh-CN')).toBe('zh');
    expect(languageOf('system', 'de')).toBe('en');
    expect(languageOf('en', 'zh-CN')).toBe('en');
  });
});
