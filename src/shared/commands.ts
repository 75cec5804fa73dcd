/** Every command of the window: palette, shortcut sheet and native menu use this list. */
export const COMMAND_IDS = [
  'go.home',
  'go.datasets',
  'go.new_run',
  'go.runs',
  'go.compare',
  'go.searches',
  'go.studies',
  'go.settings',
  'go.transfer',
  'go.zoo',
  'dataset.import',
  'run.new',
  'run.pause',
  'run.resume',
  'run.stop',
  'edit.undo',
  'edit.redo',
  'view.palette',
  'view.shortcuts',
  'view.theme',
  'view.reload',
  'app.quit',
] as const;

export type CommandId = (typeof COMMAND_IDS)[number];

export type MenuName = 'file' | 'edit' | 'run' | 'go' | 'view';

export interface CommandSpec {
  id: CommandId;
  menu: MenuName;
  /** Accelerator in Electron's notation; CmdOrCtrl is Ctrl outside macOS. */
  accelerator: string | null;
  /**
   * Accelerator in a browser, where the browser keeps `accelerator` for itself: Ctrl+N in all of them, Ctrl+Shift+P in
   * Firefox.
   */
  browser?: string;
  /** A second accelerator outside macOS, where both are usual. */
  also?: string;
  title: { en: string; zh: string };
}

export const COMMANDS: readonly CommandSpec[] = [
  {
    id: 'run.new',
    menu: 'file',
    accelerator: 'CmdOrCtrl+N',
    browser: 'Alt+Shift+N',
    title: { en: 'New run', zh: '新建训练' },
  },
  { id: 'dataset.import', menu: 'file', accelerator: 'CmdOrCtrl+O', title: { en: 'Import dataset', zh: '导入数据集' } },
  { id: 'app.quit', menu: 'file', accelerator: 'CmdOrCtrl+Q', title: { en: 'Quit', zh: '退出' } },
  { id: 'edit.undo', menu: 'edit', accelerator: 'CmdOrCtrl+Z', title: { en: 'Undo', zh: '撤销' } },
  {
    id: 'edit.redo',
    menu: 'edit',
    accelerator: 'CmdOrCtrl+Shift+Z',
    also: 'CmdOrCtrl+Y',
    title: { en: 'Redo', zh: '重做' },
  },
  {
    id: 'run.pause',
    menu: 'run',
    accelerator: 'CmdOrCtrl+Shift+P',
    browser: 'Alt+Shift+P',
    title: { en: 'Pause run', zh: '暂停训练' },
  },
  { id: 'run.resume', menu: 'run', accelerator: 'CmdOrCtrl+Shift+R', title: { en: 'Resume run', zh: '继续训练' } },
  { id: 'run.stop', menu: 'run', accelerator: 'CmdOrCtrl+Shift+S', title: { en: 'Stop run', zh: '停止训练' } },
  { id: 'go.home', menu: 'go', accelerator: 'CmdOrCtrl+1', title: { en: 'Home', zh: '主页' } },
  { id: 'go.datasets', menu: 'go', accelerator: 'CmdOrCtrl+2', title: { en: 'Datasets', zh: '数据集' } },
  { id: 'go.new_run', menu: 'go', accelerator: 'CmdOrCtrl+3', title: { en: 'Design a run', zh: '设计训练' } },
  { id: 'go.runs', menu: 'go', accelerator: 'CmdOrCtrl+4', title: { en: 'Runs', zh: '训练记录' } },
  { id: 'go.compare', menu: 'go', accelerator: 'CmdOrCtrl+5', title: { en: 'Compare', zh: '对比' } },
  { id: 'go.searches', menu: 'go', accelerator: null, title: { en: 'Search for a schedule', zh: '搜索调度' } },
  { id: 'go.studies', menu: 'go', accelerator: null, title: { en: 'Frequency studies', zh: '频率研究' } },
  { id: 'go.settings', menu: 'go', accelerator: 'CmdOrCtrl+6', title: { en: 'Settings', zh: '设置' } },
  { id: 'go.transfer', menu: 'go', accelerator: 'CmdOrCtrl+7', title: { en: 'Transfer', zh: '迁移' } },
  { id: 'go.zoo', menu: 'go', accelerator: null, title: { en: 'Models', zh: '模型' } },
  { id: 'view.palette', menu: 'view', accelerator: 'CmdOrCtrl+K', title: { en: 'Command palette', zh: '命令面板' } },
  {
    id: 'view.shortcuts',
    menu: 'view',
    accelerator: 'CmdOrCtrl+/',
    title: { en: 'Keyboard shortcuts', zh: '键盘快捷键' },
  },
  { id: 'view.theme', menu: 'view', accelerator: 'CmdOrCtrl+Shift+L', title: { en: 'Switch theme', zh: '切换主题' } },
  { id: 'view.reload', menu: 'view', accelerator: 'CmdOrCtrl+R', title: { en: 'Reload window', zh: '重新载入窗口' } },
];

export const MENU_TITLES: Record<MenuName, { en: string; zh: string }> = {
  file: { en: 'File', zh: '文件' },
  edit: { en: 'Edit', zh: '编辑' },
  run: { en: 'Run', zh: '训练' },
  go: { en: 'Go', zh: '前往' },
  view: { en: 'View', zh: '视图' },
};
