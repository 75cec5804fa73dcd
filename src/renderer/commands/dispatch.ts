/** Commands from the keyboard, the palette and the native menu: a screen may handle one while it is open, else the program's own way. */
import { COMMANDS, type CommandId, type CommandSpec } from '../../shared/commands';

type Handler = () => unknown;

const handlers = new Map<CommandId, Handler[]>();

/** @returns how to stop handling it. The handler added last wins. */
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

/** Ctrl+Shift+Z, or ⇧⌘Z. */
export function shortcutText(accelerator: string): string {
  const keys = accelerator.split('+');
  if (!isMac) return keys.map((key) => (key === 'CmdOrCtrl' ? 'Ctrl' : key)).join('+');
  return keys.map((key) => ({ CmdOrCtrl: '⌘', Shift: '⇧', Alt: '⌥' })[key] ?? key).join('');
}

function fits({ accelerator }: CommandSpec, event: KeyboardEvent): boolean {
  if (!accelerator) return false;
  const keys = accelerator.split('+');
  const main = isMac ? event.metaKey : event.ctrlKey;
  return (
    keys.includes('CmdOrCtrl') === main &&
    keys.includes('Shift') === event.shiftKey &&
    !event.altKey &&
    keys.at(-1)?.toLowerCase() === event.key.toLowerCase()
  );
}

const isText = (target: EventTarget | null): boolean =>
  target instanceof HTMLTextAreaElement || (target instanceof HTMLInputElement && target.type !== 'checkbox');

/** Undo and redo of a text line stay the text line's own. */
const ownedByText: readonly CommandId[] = ['edit.undo', 'edit.redo'];

export function listenToKeys(): void {
  window.addEventListener('keydown', (event) => {
    const command = COMMANDS.find((candidate) => fits(candidate, event));
    if (!command || !canRun(command.id) || (ownedByText.includes(command.id) && isText(event.target))) return;
    event.preventDefault();
    runCommand(command.id);
  });
}

/** From the native menu, which knows nothing of the focus. */
export function runMenuCommand(id: CommandId): void {
  if (ownedByText.includes(id) && isText(document.activeElement)) document.execCommand(id === 'edit.undo' ? 'undo' : 'redo');
  else runCommand(id);
}
