import { databasePath } from '../../base/home';
import { refuseUnlessResumable } from '../../services/runs/training';
import { startTrainer } from '../../services/runs/trainer-process';
import { openStore } from '../../store/open';
import { trashRuns } from '../../store/run-marks';
import { findRun, reconcileRuns } from '../../store/runs';
import type { Command } from '../command';
import { follow } from '../follow';
import { needPositionals } from '../options';
import { runJson } from '../run-text';

export const command: Command = {
  name: 'resume',
  summary: 'Resume a paused, stopped, interrupted or failed run from its last checkpoint.',
  positionals: 'RUN',
  options: { detach: { type: 'boolean', description: 'train in the background and return at once' } },
  examples: ['efficienttrain resume k3m9'],
  run: async (call) => {
    const { positionals, values, home, json } = call;
    const [reference] = needPositionals('resume', positionals, 1);
    const store = openStore(databasePath(home));
    reconcileRuns(store);
    const run = findRun(store, reference ?? '');
    refuseUnlessResumable(run);
    if (run.trashed !== null) {
      trashRuns(store, [run.id], false);
      call.log(`Run ${run.name} (${run.id}) is taken out of the trash.`);
    }
    store.close();
    if (values['detach'] === true) {
      await startTrainer({ home, runId: run.id, config: run.config, detach: true }).running;
      return { json: { run: runJson(run) }, text: `Run ${run.name} (${run.id}) trains in the background.` };
    }
    return follow(call, run, json);
  },
};
