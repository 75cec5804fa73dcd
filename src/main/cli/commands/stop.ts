import type { Command } from '../command';
import { endCommand } from '../end-run';

export const command: Command = endCommand('stop', 'Save a checkpoint and end training; the run is then stopped.');
