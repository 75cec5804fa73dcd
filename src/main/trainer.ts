/**
 * The trainer process, `trainer.js HOME RUN [--detached]`, trains one run, writes its own history, and ends. When its
 * host vanishes it saves a checkpoint and ends, unless it was started to train alone or its run continues in the
 * background.
 */
import { databasePath } from './base/home';
import { errorData } from '../shared/errors';
import { trainRun } from './services/runs/train-run';
import { openStore } from './store/open';
import { goesOnAlone } from './store/run-marks';
import type { TrainerMessage, TrainerRequest } from './engine/train/protocol';

const [home, runId, mode] = process.argv.slice(2);
if (!home || !runId) throw new Error('usage: trainer.js HOME RUN [--detached]');

let finished = false;
let asked: 'pause' | 'stop' | 'interrupt' | null = null;

process.on('message', (request: TrainerRequest) => {
  asked = request.type;
});
process.on('disconnect', hostGone);
process.on('SIGTERM', () => (asked ??= 'stop'));
process.on('SIGINT', () => (asked ??= 'stop'));

const send = (message: TrainerMessage): void => {
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
};

function hostGone(): void {
  if (!finished && !mayGoOn()) asked ??= 'interrupt';
}

/** Says whether the run may continue. Any host may allow it, so the database's state when the host vanishes counts. */
function mayGoOn(): boolean {
  if (mode === '--detached') return true;
  try {
    const store = openStore(databasePath(home as string), { readonly: true });
    try {
      return goesOnAlone(store, runId as string);
    } finally {
      store.close();
    }
  } catch (error) {
    // Saving and ending loses nothing, whatever the database's state is.
    console.error(error);
    return false;
  }
}

// The host can vanish while this file is still being loaded, and then no event reports it.
if (!process.connected) hostGone();

try {
  await trainRun({ home, databasePath: databasePath(home), runId, send, asked: () => asked });
} catch (error) {
  console.error(error);
  send({ type: 'finished', state: 'failed', step: 0, checkpoint: null, error: errorData(error) });
  process.exitCode = 1;
}
finished = true;
if (process.connected) process.disconnect();
process.exit();
