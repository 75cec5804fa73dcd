import { AppError } from '../../shared/errors';
import { isLive } from '../../shared/run-state';
import { runDetails, withHome } from '../services/runs/runs';
import { trainAndFollow } from '../services/runs/training';
import type { Run } from '../store/runs';
import type { CommandCall, CommandResult } from './command';
import { bottleneckText, outcomeText, progressShort, progressText, runJson } from './run-text';

/** Trains in the foreground with a live line; Ctrl-C saves a checkpoint and stops. */
export async function follow(
  { home, signal, force, log, progress }: CommandCall,
  run: Run,
  json: boolean,
): Promise<CommandResult> {
  log(`Run ${run.name} (${run.id}): ${run.steps} steps. Ctrl-C saves a checkpoint and stops; twice ends at once.`);
  signal.addEventListener('abort', () => log('Stopping: the step is finished and a checkpoint saved.'), { once: true });
  const ended = await trainAndFollow({
    ...{ home, run, signal, force },
    onProgress: (state) => progress(progressText(state), progressShort(state)),
    onLog: log,
  });
  if (ended.state === 'failed') {
    throw new AppError(
      ended.error ?? {
        code: 'internal',
        what: `Run ${ended.name} failed.`,
        why: 'It left no message.',
        next: `See ${home}/runs/${ended.id}/trainer.log.`,
      },
    );
  }
  if (isLive(ended.state)) {
    throw new AppError({
      code: 'bad_state',
      what: `Run ${ended.name} is not trained here.`,
      why: `It is ${ended.state} in another process, which took it first.`,
      next: `Follow it with \`efficienttrain show ${ended.id}\`.`,
    });
  }
  const { stages } = await withHome(home, (store) => runDetails(store, ended));
  const text = [bottleneckText(stages, ended.config), outcomeText(ended)].filter(Boolean).join('\n');
  return { json: { run: runJson(ended) }, text: json ? '' : text, exitCode: signal.aborted ? 130 : 0 };
}
