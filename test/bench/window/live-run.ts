/**
 * Reports steps at a steady pace through a training run's observer and recorder, in a process of its own, as a trainer
 * does.
 */
import { entryPath } from '../../../src/main/base/entry';
import { databasePath } from '../../../src/main/base/home';
import { RunObserver } from '../../../src/main/services/runs/run-observer';
import { openStore } from '../../../src/main/store/open';
import { Recorder } from '../../../src/main/store/recorder';
import { claimRun, findRun } from '../../../src/main/store/runs';
import { spoolPathOf } from '../../../src/main/store/spool';
import { valuesAt } from './home';

const STEPS_PER_SECOND = 20;

/** Runs until its standard input ends. */
export async function main([home = '', id = '']: string[]): Promise<void> {
  const path = databasePath(home);
  const store = openStore(path);
  const run = findRun(store, id);
  claimRun(store, id, process.pid);
  store.close();
  const recorder = new Recorder(entryPath('store-writer'), { path, runId: id, spoolPath: spoolPathOf(home, id) });
  const observer = new RunObserver(run, recorder, { bestMetric: 'val/top1', send: () => undefined, asked: () => null });
  observer.running();
  let step = run.step;
  const began = performance.now();
  const first = step;
  const timer = setInterval(() => {
    // Steps that a late timer has missed are made up for, so that the pace is kept.
    const due = first + Math.floor(((performance.now() - began) / 1000) * STEPS_PER_SECOND);
    while (step < due) {
      step++;
      const equivalentEpochs = (300 * step) / run.steps;
      observer.step({ step, stage: 0, equivalentEpochs, wallMs: step * 50, values: valuesAt(step, run.steps) });
    }
  }, 1000 / STEPS_PER_SECOND);
  process.stdout.write('running\n');
  process.stdin.resume();
  await new Promise((resolve) => process.stdin.once('end', resolve));
  clearInterval(timer);
  observer.finish('paused', null);
  await recorder.close();
}
