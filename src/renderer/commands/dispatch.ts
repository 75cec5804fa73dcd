/**
 * Dispatches commands from the keyboard, the palette and the native menu: an open screen may handle one, otherwise the
 * program does.
 */
import { COMMANDS, type CommandId, type CommandSpec } from '../../shared/commands';

type Handler = () => unknown;

const handlers = new Map<CommandId, Handler[]>();

/** Adds a handler; the one added last is called. @returns a function that removes it */
export function handleCommand(id: CommandId, handler: Handler): () => void {
  handlers.set(id, [...(handlers.get(id) ?? []), handler]);
  return () =>
    handlers.set(
      id,
      (handlers.get(id) ?? []).filter((candidate) => candidate !== handler),
    );
}

export const canRun = (id: CommandId): boolean => Boolean(handlers.get(id)?.length);

export function runCommand(id: CommandId): void {
  void handlers.get(id)?.at(-1)?.();
}

const isMac = navigator.platform.startsWith('Mac');

/** Formats Ctrl+Shift+Z, or ⇧⌘Z. */
export function shortcutText(accelerator: string): string {
  const keys = accelerator.split('+');
  if (!isMac) return keys.map((key) => (key === 'CmdOrCtrl' ? 'Ctrl' : key)).join('+');
  return keys.map((key) => ({ CmdOrCtrl: '⌘', Shift: '⇧', Alt: '⌥' })[key] ?? key).join('');
}

/** Whether the window is in a browser, which keeps some keys for itself. */
export const inBrowser = !window.studio;

/** Returns the keys of a command that work here, as text; empty where it has none. */
export function shortcutOf({ accelerator, browser }: CommandSpec): string {
  const used = (inBrowser ? browser : null) ?? accelerator;
  return used ? shortcutText(used) : '';
}

export const shortcutFor = (id: CommandId): string =>
  shortcutOf(COMMANDS.find((command) => command.id === id) as CommandSpec);

/** Returns all keys that work, as text. */
export const shortcutsOf = (command: CommandSpec): string[] =>
  [shortcutOf(command), ...(command.also && !isMac ? [shortcutText(command.also)] : [])].filter(Boolean);

/**
 * Matches a key also on a layout whose letters are not Latin, or whose digits need Shift; a sign may need Shift
 * anywhere.
 */
function isKey(name: string, event: KeyboardEvent): boolean {
  if (name.toLowerCase() === event.key.toLowerCase()) return true;
  return (
    (/^[A-Z]$/.test(name) && event.code === `Key${name}` && !/^[a-z]$/i.test(event.key)) ||
    event.code === `Digit${name}`
  );
}

export function fitsKeys(accelerator: string, event: KeyboardEvent): boolean {
  const keys = accelerator.split('+');
  const name = keys.at(-1) as string;
  const main = isMac ? event.metaKey : event.ctrlKey;
  return (
    keys.includes('CmdOrCtrl') === main &&
    (keys.includes('Shift') === event.shiftKey || /^\W$/.test(name)) &&
    keys.includes('Alt') === event.altKey &&
    isKey(name, event)
  );
}

const fits = ({ accelerator, browser, also }: CommandSpec, event: KeyboardEvent): boolean =>
  [accelerator, inBrowser ? browser : null, isMac ? null : also].some((keys) => keys && fitsKeys(keys, event));

const isText = (target: EventTarget | null): boolean =>
  target instanceof HTMLTextAreaElement || (target instanceof HTMLInputElement && target.type !== 'checkbox');

/** A text field keeps its own undo and redo. */
const ownedByText: readonly CommandId[] = ['edit.undo', 'edit.redo'];

export function listenToKeys(): void {
  window.addEventListener('keydown', (event) => {
    const command = COMMANDS.find((candidate) => fits(candidate, event));
    if (!command || !canRun(command.id) || (ownedByText.includes(command.id) && isText(event.target))) return;
    event.preventDefault();
    runCommand(command.id);
  });
}

/** Runs a command of the native menu, which does not know the focus. */
export function runMenuCommand(id: CommandId): void {
  if (ownedByText.includes(id) && isText(document.activeElement))
    document.execCommand(id === 'edit.undo' ? 'undo' : 'redo');
  else runCommand(id);
}
