/** The point where a run begins or continues: its newest valid checkpoint, or the initial state. */
import type { AdaptiveState } from '../../../shared/curriculum/adaptive';
import { positionAt } from '../../../shared/curriculum/plan';
import type { AdaptiveBorders } from '../../engine/train/adaptive-borders';
import { remainingBest } from '../../engine/train/best-checkpoint';
import { checkpointState, newestCheckpoint, type CheckpointInfo } from '../../engine/train/checkpoint';
import type { LoopStart } from '../../engine/train/loop';
import type { StageReport } from '../../engine/train/observer';
import type { RunSetup } from '../../engine/train/setup';
import type { StateValues } from '../../engine/types';
import { loadSummary } from '../../engine/weights/load-timm';
import { stageTimes } from '../../store/stages';
import type { Store } from '../../store/open';
import type { Run } from '../../store/runs';
import { instructionSet } from '../doctor/cpu-features';
import { branchStart } from './branch';
import { frozenWeights } from './initial-weights';
import { bordersOf } from './plan-of';
import type { RunObserver } from './run-observer';

export interface StartingPointParts {
  store: Store;
  run: Run;
  setup: RunSetup;
  folder: string;
  observer: RunObserver;
  intraOpThreads: number;
}

export interface StartingPoint {
  start: LoopStart;
  /** null where all borders are planned. */
  borders: AdaptiveBorders | null;
  state: StateValues;
}

/**
 * Returns the time and the images that this stage had used at the checkpoint: the last recorded totals x the share of
 * their steps that it includes.
 */
function spentUntil(store: Store, { id, plan }: Run, step: number): StageReport | null {
  const { stage } = positionAt(plan, step);
  const done = step - (plan.stages[stage]?.first_step ?? 0);
  const row = stageTimes(store, id).find((time) => time.stage === stage);
  if (!row?.steps_done || done < 1) return null;
  const share = done / row.steps_done;
  return {
    ...{ stage, stepsDone: done, seconds: share * row.seconds, computeSeconds: share * row.compute_seconds },
    ...{ loaderSeconds: share * row.loader_seconds, images: Math.round(share * row.images) },
    imagesDecoded: Math.round(share * row.images_decoded),
  };
}

/** Restores the plan in force at the checkpoint, before later records are deleted. */
function beginBorders({ run, observer }: StartingPointParts, state?: AdaptiveState): AdaptiveBorders | null {
  const borders = bordersOf(run, state);
  if (borders) observer.planned(borders.plan);
  return borders;
}

/**
 * Finds the point where a run begins or continues. Points after the checkpoint are deleted, because they are computed
 * again, bit for bit.
 * @throws AppError checkpoint_invalid where the state of a branch is lost
 */
export async function startingPoint(parts: StartingPointParts): Promise<StartingPoint> {
  const { store, run, setup, folder, observer } = parts;
  const { checkpoint, skipped } = await newestCheckpoint(folder);
  for (const { message, why } of skipped) observer.event(run.step, 'checkpoint_invalid', `${message} ${why}`);
  if (checkpoint) {
    const { step, best: recorded, wall_seconds, evaluation_due = false } = checkpoint.info;
    const best = await remainingBest(folder, checkpoint);
    const borders = beginBorders(parts, checkpoint.info.adaptive);
    observer.resumed(step, best);
    if (recorded && recorded.step !== best?.step)
      observer.event(
        step,
        'best_lost',
        `The checkpoint of step ${recorded.step}, the best so far, is no longer there.`,
      );
    tellOtherBits(checkpoint.info, parts);
    const spent = spentUntil(store, run, step);
    const start = { step, saved: true, evaluationDue: evaluation_due, best, wallSeconds: wall_seconds, spent };
    return { start, borders, state: checkpointState(checkpoint) };
  }
  const { config } = run;
  if (config.branch !== null) return startOfBranch(parts);
  const borders = beginBorders(parts);
  observer.resumed(0, null);
  const start: LoopStart = { step: 0, saved: false, evaluationDue: false, best: null, wallSeconds: 0, spent: null };
  if (config.init === null) return { start, borders, state: setup.training.initialState(config.seed) };
  const { values, report } = frozenWeights(setup.model, config.init, config.init_key, folder);
  observer.event(
    0,
    'init',
    `Started from ${run.parent ? `run ${run.parent.name}, step ${run.parent.step}` : config.init}: ${loadSummary(report)}.`,
  );
  return { start, borders, state: setup.training.initialState(config.seed, values) };
}

/** Starts a branch with the parent's whole state at the end of its stage. The run itself has measured nothing yet. */
async function startOfBranch(parts: StartingPointParts): Promise<StartingPoint> {
  const { run, folder, observer } = parts;
  const checkpoint = await branchStart(folder);
  const { step } = checkpoint.info;
  const borders = beginBorders(parts);
  observer.resumed(step, null);
  const from = run.parent ? `run ${run.parent.name}` : (run.config.branch ?? '');
  observer.event(step, 'init', `Continued from ${from} after its step ${step}, with its optimizer and averages.`);
  tellOtherBits(checkpoint.info, parts);
  const start: LoopStart = { step, saved: false, evaluationDue: false, best: null, wallSeconds: 0, spent: null };
  return { start, borders, state: checkpointState(checkpoint) };
}

/**
 * Reports that a run continues with other threads or instructions. It is as good, but its last digits differ from those
 * of an uninterrupted run.
 */
function tellOtherBits(
  { step, intra_op_threads, instruction_set }: CheckpointInfo,
  { observer, intraOpThreads }: StartingPointParts,
): void {
  const changes: string[] = [];
  if (intra_op_threads !== intraOpThreads)
    changes.push(`${intra_op_threads} threads an op before, ${intraOpThreads} now`);
  if (instruction_set !== undefined && instruction_set !== instructionSet())
    changes.push(`the processor's instructions were ${instruction_set} before and are ${instructionSet()} now`);
  if (changes.length)
    observer.event(
      step,
      'other_bits',
      `This machine rounds differently from the one before: ${changes.join('; ')}. The run continues correctly, ` +
        'but its numbers are no longer bit for bit those it would have had there.',
    );
}
