import type { Command } from '../command';
import { endCommand } from '../end-run';

export const command: Command = endCommand(
  'pause',
  'Save a checkpoint and let the trainer exit; the run is then paused.',
);
