/** Reasons why a schedule can't decide its borders during training. */
import { AppError } from '../errors';
import type { RunConfig, ScheduleConfig } from '../run-config';
import type { StageProblem } from './stage-problem';

/**
 * B must grow. A magnitude that rises within a stage needs the stage's end, which only the last stage knows beforehand.
 */
export function adaptiveProblems({ stages, adaptive }: ScheduleConfig): StageProblem[] {
  if (!adaptive) return [];
  return stages.flatMap(({ bandwidth, magnitude_end }, stage): StageProblem[] => {
    const before = stages[stage - 1]?.bandwidth ?? 0;
    const number = stage + 1;
    const problems: StageProblem[] = [];
    if (bandwidth < before) {
      const message = `Stage ${number}: B = ${bandwidth} is smaller than the ${before} of the stage before, and an adaptive schedule only grows.`;
      const facts = { number, bandwidth, limit: before, nearest: before };
      problems.push({ stage, field: 'bandwidth', code: 'shrinks', facts, message, nearest: before, sizes: [] });
    }
    if (magnitude_end !== null && stage < stages.length - 1) {
      const message = `Stage ${number}: its magnitude can't rise to magnitude_end, because an adaptive schedule does not know beforehand where the stage ends.`;
      problems.push({
        stage,
        field: 'magnitude',
        code: 'open_end',
        facts: { number },
        message,
        nearest: null,
        sizes: [],
      });
    }
    return problems;
  });
}

/**
 * Checks the learning rate's progress.
 * @throws AppError invalid_config where it would need the number of passes beforehand
 */
export function refuseUnknownPasses({ schedule, optimizer }: RunConfig): void {
  if (!schedule.adaptive || optimizer.lr_progress !== 'images' || optimizer.lr_horizon !== null) return;
  throw new AppError({
    code: 'invalid_config',
    what: "An adaptive schedule can't have optimizer.lr_progress=images.",
    why: 'How many passes the run takes is only known when its last border is decided; its compute is known beforehand.',
    next: 'Set optimizer.lr_progress=compute, or optimizer.lr_horizon to a number of passes.',
  });
}
