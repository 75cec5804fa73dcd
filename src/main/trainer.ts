/**
 * The trainer process: trains one run, writes its own history, and ends. `trainer.js HOME RUN [--detached]`.
 * When its host vanishes it saves a checkpoint and ends, unless it was started to train on alone.
 */
import { databasePath } from './home';
import { errorData } from '../shared/errors';
import { trainRun } from './services/train-run';
import type { TrainerMessage, TrainerRequest } from './engine/train/protocol';

const [home, runId, mode] = process.argv.slice(2);
if (!home || !runId) throw new Error('usage: trainer.js HOME RUN [--detached]');

let alone = mode === '--detached';
let asked: 'pause' | 'stop' | 'interrupt' | null = null;

process.on('message', (request: TrainerRequest) => {
  if (request.type === 'detach') alone = true;
  else asked = request.type;
});
process.on('disconnect', () => {
  if (!alone) asked ??= 'interrupt';
});
process.on('SIGTERM', () => (asked ??= 'stop'));
process.on('SIGINT', () => (asked ??= 'stop'));

const send = (message: TrainerMessage): void => {
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
};

try {
  await trainRun({ home, databasePath: databasePath(home), runId, send, asked: () => asked });
} catch (error) {
  console.error(error);
  send({ type: 'finished', state: 'failed', step: 0, checkpoint: null, error: errorData(error) });
  process.exitCode = 1;
}
if (process.connected) process.disconnect();
process.exit();
