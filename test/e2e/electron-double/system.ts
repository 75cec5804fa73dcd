/**
 * Menus, dialogs, notifications and other parts of the system. Tests replace the functions that they observe, as with
 * Electron.
 */
import { EventEmitter } from 'node:events';

interface ItemOptions {
  id?: string;
  label?: string;
  role?: string;
  type?: string;
  accelerator?: string;
  registerAccelerator?: boolean;
  submenu?: ItemOptions[];
  click?: (item: MenuItem) => void;
}

export class MenuItem {
  readonly id: string;
  readonly label: string;
  readonly role: string | undefined;
  readonly accelerator: string | undefined;
  readonly registerAccelerator: boolean;
  readonly submenu: Menu | undefined;
  readonly click: () => void;

  constructor(options: ItemOptions) {
    if (options.type !== 'separator' && !options.label && !options.role)
      throw new Error('a menu item needs a label or a role');
    this.id = options.id ?? '';
    this.label = options.label ?? options.role ?? '';
    this.role = options.role;
    this.accelerator = options.accelerator;
    this.registerAccelerator = options.registerAccelerator ?? true;
    this.submenu = options.submenu && Menu.buildFromTemplate(options.submenu);
    this.click = () => options.click?.(this);
  }
}

export class Menu {
  items: MenuItem[] = [];
  private static current: Menu | null = null;

  static buildFromTemplate(template: ItemOptions[]): Menu {
    const menu = new Menu();
    menu.items = template.map((options) => new MenuItem(options));
    return menu;
  }

  static setApplicationMenu(menu: Menu | null): void {
    Menu.current = menu;
  }

  static getApplicationMenu(): Menu | null {
    return Menu.current;
  }

  getMenuItemById(id: string): MenuItem | null {
    for (const item of this.items) {
      const found = item.id === id ? item : item.submenu?.getMenuItemById(id);
      if (found) return found;
    }
    return null;
  }
}

/** Nobody answers dialogs, so all are cancelled; a message box gets its `cancelId`. */
export const dialog = {
  showOpenDialog: () => Promise.resolve({ canceled: true, filePaths: [] as string[] }),
  showSaveDialog: () => Promise.resolve({ canceled: true, filePath: '' }),
  showMessageBox: (...args: { cancelId?: number }[]) =>
    Promise.resolve({ response: args.at(-1)?.cancelId ?? 0, checkboxChecked: false }),
  showErrorBox: (title: string, content: string): void => console.error(`${title}\n${content}`),
};

export class Notification extends EventEmitter {
  readonly title: string;
  readonly body: string;

  static isSupported(): boolean {
    return true;
  }

  constructor({ title = '', body = '' }: { title?: string; body?: string }) {
    super();
    this.title = title;
    this.body = body;
  }

  show(): void {
    this.emit('show');
  }

  close(): void {
    this.emit('close');
  }
}

const blockers = new Map<number, string>();
let nextBlocker = 0;

export const powerSaveBlocker = {
  start(type: string): number {
    blockers.set(++nextBlocker, type);
    return nextBlocker;
  },
  stop: (id: number): boolean => blockers.delete(id),
  isStarted: (id: number): boolean => blockers.has(id),
};

const display = {
  id: 1,
  workArea: { x: 0, y: 0, width: 1920, height: 1080 },
  bounds: { x: 0, y: 0, width: 1920, height: 1080 },
};

export const screen = {
  getPrimaryDisplay: () => display,
  getAllDisplays: () => [display],
};

export const shell = {
  showItemInFolder: (_path: string): void => undefined,
};

class NativeTheme extends EventEmitter {
  themeSource: 'system' | 'light' | 'dark' = 'system';

  get shouldUseDarkColors(): boolean {
    return this.themeSource === 'dark';
  }
}

export const nativeTheme = new NativeTheme();
