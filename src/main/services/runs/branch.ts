/**
 * Runs that branch from another run at the end of one of its stages: the first stages and the whole state at their end
 * (weights, optimizer, averages, step) are the other run's, and only what follows is trained. A branch with the same
 * stages behind the border gives the same bits as the run that it branched from, because all randomness is a function
 * of the seed and the step.
 */
import { copyFileSync, existsSync, linkSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ownEpochsUntil, parseBranch } from '../../../shared/curriculum/branch';
import type { Plan } from '../../../shared/curriculum/plan';
import { AppError } from '../../../shared/errors';
import type { RunConfig } from '../../../shared/run-config';
import {
  checkpointsFolder,
  listCheckpoints,
  newestCheckpoint,
  openCheckpoint,
  INFO_FILE,
  STATE_FILE,
  type Checkpoint,
  type CheckpointInfo,
} from '../../engine/train/checkpoint';
import { runFolder } from '../../base/home';
import type { Store } from '../../store/open';
import { createRun, findRun, newRunId, type NewRun, type Run } from '../../store/runs';
import { planOf } from './plan-of';

export interface BranchPoint {
  parent: Run;
  /** Stages that the parent has trained. */
  stages: number;
  /** Steps that they took. */
  step: number;
  /** The parent's state at their end. */
  checkpoint: Checkpoint;
}

const refused = (
  code: 'usage' | 'invalid_config' | 'checkpoint_invalid',
  what: string,
  why: string,
  next: string,
): AppError => new AppError({ code, what, why, next });

/** Step at which a stage's end is; the number of stages is counted from 1. */
const endOf = (plan: Plan, stages: number): number => {
  const last = plan.stages[stages - 1];
  return last ? last.first_step + last.steps : 0;
};

/**
 * What `RUN@K` names.
 * @throws AppError usage, not_found, ambiguous, invalid_config (no such border), checkpoint_invalid (its checkpoint is
 *   not there)
 */
export async function branchPoint(home: string, store: Store, branch: string): Promise<BranchPoint> {
  const named = parseBranch(branch);
  if (!named)
    throw refused(
      'usage',
      `${branch} names no end of a stage.`,
      'It has to be RUN@K, where K counts the stages that are taken over.',
      'For example k3m9@2 for what run k3m9 was after two stages.',
    );
  const parent = findRun(store, named.run);
  const { stages } = named;
  const most = parent.plan.stages.length;
  if (stages < 1 || stages > most)
    throw refused(
      'invalid_config',
      `Run ${parent.name} has no end of stage ${stages}.`,
      `It has ${most} ${most === 1 ? 'stage' : 'stages'}, counted from 1.`,
      'Name one of them.',
    );
  const step = endOf(parent.plan, stages);
  const found = listCheckpoints(runFolder(home, parent.id)).find((checkpoint) => checkpoint.step === step);
  if (!found)
    throw refused(
      'checkpoint_invalid',
      `Run ${parent.name} has no checkpoint at the end of stage ${stages}, step ${step}.`,
      parent.config.checkpoint.stage_ends
        ? 'It has not reached that step, or the checkpoint was removed.'
        : 'It was started without checkpoint.stage_ends, so only its newest checkpoints and its best are kept.',
      'Branch from a run that keeps the ends of its stages: train it with --set checkpoint.stage_ends=true.',
    );
  return { parent, stages, step, checkpoint: await openCheckpoint(found.folder) };
}

/** Fields that decide which variables there are, or what the stages taken over were trained on. */
const SHARED = ['dataset', 'task', 'model', 'size'] as const;

/** @throws AppError invalid_config where the stages taken over, or what they were trained with, are not the parent's */
function refuseOther(config: RunConfig, { parent, stages }: BranchPoint): void {
  if (config.distillation ?? parent.config.distillation)
    throw refused(
      'invalid_config',
      `This run can't branch from ${parent.name}.`,
      'A run that learns from a teacher has no branches.',
      'Train it whole, or start from the weights of its parent with init.',
    );
  const ours = {
    ...Object.fromEntries(SHARED.map((field) => [field, config[field]])),
    ...{ 'data.batch': config.data.batch, 'optimizer.name': config.optimizer.name, ema: config.ema.decay !== null },
  };
  const theirs = {
    ...Object.fromEntries(SHARED.map((field) => [field, parent.config[field]])),
    ...{ 'data.batch': parent.config.data.batch, 'optimizer.name': parent.config.optimizer.name },
    ema: parent.config.ema.decay !== null,
  };
  const other = Object.entries(ours).find(([field, value]) => value !== theirs[field as keyof typeof theirs]);
  if (other)
    throw refused(
      'invalid_config',
      `This run can't branch from ${parent.name}.`,
      `${other[0]} is ${JSON.stringify(other[1])} here and ${JSON.stringify(theirs[other[0] as keyof typeof theirs])} there.`,
      `Use the same ${other[0]}, or start from its weights alone with init.`,
    );
  for (let stage = 0; stage < stages; stage++) {
    const [own, past] = [config.schedule.stages[stage], parent.plan.stages[stage]];
    const same =
      own?.bandwidth === past?.bandwidth &&
      own?.magnitude === past?.magnitude &&
      (own?.magnitude_end ?? own?.magnitude) === past?.magnitude_end &&
      (own?.batch ?? config.data.batch) === past?.batch &&
      own?.replay_times === past?.replay_times;
    if (!same)
      throw refused(
        'invalid_config',
        `Stage ${stage + 1} is not that of ${parent.name}, which this run takes over.`,
        'A branch begins with the stages that its parent has trained.',
        `Give stage ${stage + 1} the parent's bandwidth, magnitudes, batch and replay_times.`,
      );
  }
  if (config.schedule.stages.length <= stages)
    throw refused(
      'invalid_config',
      `Nothing is left to train behind stage ${stages}.`,
      `The run has ${config.schedule.stages.length} stages, and as many are taken over.`,
      'Add a stage.',
    );
}

/**
 * Where the state that a branch begins with is kept in its folder, apart from its own checkpoints, which are pruned.
 */
export const branchFolder = (folder: string): string => join(folder, 'branch');

/** The state is the parent's file under a second name, so it is kept once; what is said of it is the branch's own. */
function linkState(folder: string, { folder: from, info }: Checkpoint): void {
  const to = join(checkpointsFolder(branchFolder(folder)), basename(from));
  mkdirSync(to, { recursive: true });
  const [source, target] = [join(from, STATE_FILE), join(to, STATE_FILE)];
  try {
    linkSync(source, target);
  } catch (error) {
    if (!['EXDEV', 'EPERM', 'ENOTSUP', 'EMLINK', 'ENOSYS'].includes((error as NodeJS.ErrnoException).code ?? ''))
      throw error;
    copyFileSync(source, target);
  }
  const own: CheckpointInfo = { ...info, best: null, wall_seconds: 0, evaluation_due: false };
  writeFileSync(join(to, INFO_FILE), JSON.stringify(own, null, 1), { flush: true });
}

/**
 * A run that goes on from the end of another's stage, as its configuration's `branch` says. The parent may be removed
 * afterwards.
 * @param inTransaction called with the run's row, in the transaction that makes it
 * @throws AppError usage, not_found, ambiguous, invalid_config, invalid_stage, checkpoint_invalid
 */
export async function createBranch(
  home: string,
  store: Store,
  { config, origin, plan }: Pick<NewRun, 'config' | 'origin' | 'plan'>,
  inTransaction: (run: Run) => void = () => undefined,
): Promise<Run> {
  const point = await branchPoint(home, store, config.branch ?? '');
  refuseOther(config, point);
  const { parent, stages, step } = point;
  const trained = parent.plan.stages.slice(0, stages);
  const laidOut = planOf(config, plan.samples, trained);
  const id = newRunId();
  const folder = runFolder(home, id);
  try {
    linkState(folder, point.checkpoint);
    const own = {
      ...{ id, config: { ...config, branch: `${parent.id}@${stages}` }, origin, plan: laidOut, step },
      parent: {
        ...{ run: parent.id, name: parent.name, step },
        equivalent_epochs: (parent.parent?.equivalent_epochs ?? 0) + ownEpochsUntil(parent, step),
      },
    };
    return store.transaction(() => {
      const run = createRun(store, own);
      inTransaction(run);
      return run;
    })();
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

/** The state that a branch begins with. @param folder of the run  @throws AppError checkpoint_invalid */
export async function branchStart(folder: string): Promise<Checkpoint> {
  const from = branchFolder(folder);
  const { checkpoint, skipped } = existsSync(from) ? await newestCheckpoint(from) : { checkpoint: null, skipped: [] };
  if (checkpoint) return checkpoint;
  throw (
    skipped[0] ??
    refused(
      'checkpoint_invalid',
      'The state that this run branched from is not there.',
      `${from} holds none.`,
      'Branch from the parent again.',
    )
  );
}
