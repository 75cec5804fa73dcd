import { onUnmounted } from 'vue';
import type { CommandId } from '../../shared/commands';
import { handleCommand } from '../commands/dispatch';

/** Handles a command while this component is mounted. */
export function useCommand(id: CommandId, handler: () => unknown): void {
  onUnmounted(handleCommand(id, handler));
}
