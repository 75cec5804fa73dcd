import { endRun, withHome, type Ended } from '../services/runs/runs';
import { findRun } from '../store/runs';
import type { Command } from './command';
import { bytes, duration } from './format';
import { needPositionals, numberOption } from './options';
import { runJson } from './run-text';

const DEFAULT_WAIT_SECONDS = 120;

function outcome({ run, confirmed, saved }: Ended, waitSeconds: number): string {
  const checkpoint = saved
    ? `checkpoint of step ${saved.step}, ${bytes(saved.bytes)}, in ${saved.folder}`
    : 'no checkpoint: it had not finished a step';
  if (confirmed)
    return `Run ${run.name} (${run.id}) is ${run.state} after ${run.step} of ${run.steps} steps. Saved: ${checkpoint}.`;
  const waited = waitSeconds ? `has not confirmed within ${duration(waitSeconds)}` : 'has been asked';
  return `Run ${run.name} (${run.id}) is ${run.state}; its trainer ${waited}. Look again with: efficienttrain show ${run.id}`;
}

/** Makes `pause` and `stop`: both answer at once, then wait for the trainer to report what it saved. */
export function endCommand(request: 'pause' | 'stop', summary: string): Command {
  return {
    name: request,
    summary,
    positionals: 'RUN',
    options: {
      wait: {
        type: 'string',
        value: 'SECONDS',
        description: `how long to wait for the trainer to confirm (default ${DEFAULT_WAIT_SECONDS}; 0: only ask)`,
      },
    },
    examples: [`efficienttrain ${request} k3m9`],
    run: ({ positionals, values, home, signal, log }) =>
      withHome(home, async (store) => {
        const [reference = ''] = needPositionals(request, positionals, 1);
        const waitSeconds = numberOption(values, 'wait', DEFAULT_WAIT_SECONDS, 0);
        const onAsked = ({ name }: { name: string }): void =>
          log(`${request === 'pause' ? 'Pausing' : 'Stopping'} ${name}: finishing the step.`);
        const ended = await endRun(store, findRun(store, reference), request, {
          waitMs: 1000 * waitSeconds,
          signal,
          onAsked,
        });
        const exitCode = signal.aborted ? 130 : ended.confirmed || waitSeconds === 0 ? 0 : 1;
        return {
          json: { run: runJson(ended.run), confirmed: ended.confirmed, saved: ended.saved },
          text: outcome(ended, waitSeconds),
          exitCode,
        };
      }),
  };
}
