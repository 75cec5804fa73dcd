/** Makes the native menu from the list of commands that palette and shortcut sheet also use. */
import type { MenuItemConstructorOptions } from 'electron';
import { COMMANDS, MENU_TITLES, type CommandId, type MenuName } from '../../shared/commands';
import { STRINGS, type Language } from './strings';

export interface MenuOptions {
  language: Language;
  platform: NodeJS.Platform;
  developer: boolean;
  run(id: CommandId): void;
}

type Item = MenuItemConstructorOptions;

const SEPARATOR: Item = { type: 'separator' };

/** Quit and reload belong to the program, so that they work when the window doesn't. */
const NATIVE: readonly CommandId[] = ['app.quit', 'view.reload'];

function commandItems(menu: MenuName, { language, platform, run }: MenuOptions): Item[] {
  return COMMANDS.filter((command) => command.menu === menu).map(({ id, accelerator, title }) => ({
    id,
    label: title[language],
    ...(accelerator ? { accelerator } : {}),
    // The window handles its keys itself, so that undo in a text field stays the text field's. macOS asks the window
    // first anyway.
    registerAccelerator: platform === 'darwin' || NATIVE.includes(id),
    click: () => run(id),
  }));
}

export function menuTemplate(options: MenuOptions): Item[] {
  const { language, platform, developer } = options;
  const strings = STRINGS[language];
  const mac = platform === 'darwin';
  const menu = (name: MenuName, more: Item[] = []): Item => ({
    label: MENU_TITLES[name][language],
    submenu: [...commandItems(name, options), ...(more.length ? [SEPARATOR, ...more] : [])],
  });
  return [
    ...(mac ? [{ role: 'appMenu' } satisfies Item] : []),
    menu('file'),
    menu('edit', [
      { role: 'cut', label: strings.cut },
      { role: 'copy', label: strings.copy },
      { role: 'paste', label: strings.paste },
      { role: 'selectAll', label: strings.selectAll },
    ]),
    menu('run'),
    menu('go'),
    menu('view', [
      { role: 'zoomIn', label: strings.zoomIn },
      { role: 'zoomOut', label: strings.zoomOut },
      { role: 'resetZoom', label: strings.zoomReset },
      { role: 'togglefullscreen', label: strings.fullScreen },
      ...(developer ? [{ role: 'toggleDevTools', label: strings.developerTools } satisfies Item] : []),
    ]),
    {
      label: strings.menuWindow,
      submenu: [
        { role: 'minimize', label: strings.minimize },
        { role: 'close', label: strings.close },
      ],
    },
  ];
}
