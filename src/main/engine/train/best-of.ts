/**
 * Chooses the series that decides about a run's best checkpoint: its task's own, or the one that its configuration
 * names.
 */
import { AppError } from '../../../shared/errors';
import { metricOf } from '../../../shared/metrics';
import type { RunConfig } from '../../../shared/run-config';
import { findTask } from '../tasks';
import type { Task } from '../tasks/task';

type Judged = Pick<RunConfig, 'task' | 'eval'>;

/** Returns the series that decides which checkpoint is the best, and its better direction. */
export function bestOf(config: Judged): Task['best'] {
  const own = findTask(config.task).best;
  // Configurations of earlier versions have no such field.
  const metric = config.eval.best ?? own.metric;
  return metric === own.metric ? own : { metric, better: metricOf(metric).better ?? own.better };
}

/** Checks the chosen series. @throws AppError invalid_config where the task does not measure it */
export function checkBest(config: Judged): void {
  const { best, otherBest = [] } = findTask(config.task);
  const chosen = config.eval.best;
  const possible = [best.metric, ...otherBest];
  if (chosen === null || possible.includes(chosen)) return;
  throw new AppError({
    code: 'invalid_config',
    what: `eval.best can't be ${chosen}.`,
    why: `The task ${config.task} chooses its best checkpoint by ${possible.join(' or ')}.`,
    next: 'Set eval.best to one of them, or to null.',
  });
}
