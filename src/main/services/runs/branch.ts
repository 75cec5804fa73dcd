/**
 * Runs that branch from another run at the end of one of its stages. The first stages and the whole state at their end
 * (weights, optimizer, averages, step) are the other run's, and only the later stages are trained. A branch with the
 * same later stages has the same bits as the other run, because all randomness is a function of the seed and the step.
 */
import { copyFileSync, existsSync, linkSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ownEpochsUntil, parseBranch } from '../../../shared/curriculum/branch';
import type { Plan } from '../../../shared/curriculum/plan';
import { AppError } from '../../../shared/errors';
import { withLaterFields, type RunConfig } from '../../../shared/run-config';
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
import { modelOf } from '../../engine/train/setup';
import { runFolder } from '../../base/home';
import { findDataset } from '../../store/datasets';
import type { Store } from '../../store/open';
import { createRun, findRun, newRunId, type NewRun, type Run } from '../../store/runs';
import { planOf } from './plan-of';

export interface BranchPoint {
  parent: Run;
  /** Number of stages that the parent has trained. */
  stages: number;
  /** Number of steps in these stages. */
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

/** Returns the step at which a stage ends. @param stages number of stages, counted from 1 */
const endOf = (plan: Plan, stages: number): number => {
  const last = plan.stages[stages - 1];
  return last ? last.first_step + last.steps : 0;
};

/**
 * Finds the point that `RUN@K` names.
 * @throws AppError usage, not_found, ambiguous, invalid_config (no such border), checkpoint_invalid (its checkpoint
 * does not exist)
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

/** Returns the fields that decide which variables exist, or with which data the inherited stages were trained. */
const sharedFields = ({ dataset, task, model, size, data, optimizer, ema }: RunConfig) => ({
  ...{ dataset, task, model, size, 'data.batch': data.batch, 'optimizer.name': optimizer.name },
  ema: ema.decay !== null,
});

/** Returns a parameter that only one of two networks has, or has in this shape; undefined where both have all. */
function otherParameter(own: RunConfig, theirs: RunConfig, classes: number): string | undefined {
  const of = (config: RunConfig): string[] =>
    modelOf(config, classes).params.map(({ name, timmShape }) => `${name} [${timmShape.join(', ')}]`);
  const [ours, others] = [new Set(of(own)), new Set(of(theirs))];
  return [...ours].find((each) => !others.has(each)) ?? [...others].find((each) => !ours.has(each));
}

/**
 * Compares the inherited stages, and the fields with which they were trained, with the parent's.
 * @throws AppError invalid_config where they differ
 */
function refuseOther(config: RunConfig, { parent, stages }: BranchPoint, classes: number): void {
  if (config.distillation ?? parent.config.distillation)
    throw refused(
      'invalid_config',
      `This run can't branch from ${parent.name}.`,
      'A run that learns from a teacher has no branches.',
      'Train it whole, or start from the weights of its parent with init.',
    );
  if (config.init !== null)
    throw refused(
      'invalid_config',
      `This run can't branch from ${parent.name} and start from ${config.init}.`,
      "A branch begins with its parent's whole state, so other weights would not be used.",
      'Leave out init, or leave out branch.',
    );
  const ours = sharedFields(config);
  const theirs = new Map<string, unknown>(Object.entries(sharedFields(withLaterFields(parent.config))));
  const other = Object.entries(ours).find(([field, value]) => value !== theirs.get(field));
  if (other)
    throw refused(
      'invalid_config',
      `This run can't branch from ${parent.name}.`,
      `${other[0]} is ${JSON.stringify(other[1])} here and ${JSON.stringify(theirs.get(other[0]))} there.`,
      `Use the same ${other[0]}, or start from its weights alone with init.`,
    );
  const parameter = otherParameter(config, withLaterFields(parent.config), classes);
  if (parameter !== undefined)
    throw refused(
      'invalid_config',
      `This run can't branch from ${parent.name}.`,
      `Its network has other parameters, for example ${parameter}.`,
      "Give model_args and mae the parent's values, or start from its weights alone with init.",
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
 * Returns the folder of the state that a branch begins with. It is apart from the branch's own checkpoints, which are
 * pruned.
 */
export const branchFolder = (folder: string): string => join(folder, 'branch');

/** Links the state's file, so that it is stored once, and writes the branch's own information about it. */
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

/** A branch before it is created. */
export interface PlannedBranch {
  point: BranchPoint;
  /** All its stages, of which the first are the parent's. */
  plan: Plan;
}

/**
 * Lays out a branch, which the configuration's `branch` names.
 * @throws AppError usage, not_found, ambiguous, invalid_config, invalid_stage, checkpoint_invalid
 */
export async function planBranch(
  home: string,
  store: Store,
  { config, plan }: Pick<NewRun, 'config' | 'plan'>,
): Promise<PlannedBranch> {
  const point = await branchPoint(home, store, config.branch ?? '');
  refuseOther(config, point, findDataset(store, config.dataset).classes.length);
  const trained = point.parent.plan.stages.slice(0, point.stages);
  return { point, plan: planOf(config, plan.samples, trained) };
}

/**
 * Creates a run that continues from the end of another run's stage, which its configuration's `branch` names. The
 * parent may be removed afterwards.
 * @param inTransaction called with the run's row, in the transaction that creates it
 * @throws AppError usage, not_found, ambiguous, invalid_config, invalid_stage, checkpoint_invalid
 */
export async function createBranch(
  home: string,
  store: Store,
  { config, origin, plan }: Pick<NewRun, 'config' | 'origin' | 'plan'>,
  inTransaction: (run: Run) => void = () => undefined,
): Promise<Run> {
  const { point, plan: laidOut } = await planBranch(home, store, { config, plan });
  const { parent, stages, step } = point;
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

/** Returns the state that a branch begins with. @param folder of the run  @throws AppError checkpoint_invalid */
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
