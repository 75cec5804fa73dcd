/**
 * Checkpoints of a run: one folder each, written aside, synced, renamed and checksummed, so that an interrupted write
 * never looks complete. All randomness is a function of (seed, step), so tensors and the step are the whole state.
 *
 *   <run>/checkpoints/step_0000000123/{state.safetensors, checkpoint.json}
 */
import { createHash } from 'node:crypto';
import {
  createReadStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Best } from '../../../shared/contract/common';
import type { AdaptiveState } from '../../../shared/curriculum/adaptive';
import { AppError } from '../../../shared/errors';
import { isDiskFull } from '../../base/disk-full';
import { readState, writeState } from '../weights/state-file';
import { AWAY, replaceFolder } from './replace-folder';
import { syncFolder } from './sync-folder';

export type State = Record<string, Float32Array | Int32Array>;

/** Facts about a checkpoint, beside the tensors. `step` counts finished steps. */
export interface CheckpointInfo {
  format: 1;
  step: number;
  equivalent_epochs: number;
  best: Best | null;
  /** Seconds of training so far, without pauses. */
  wall_seconds: number;
  /** Number of threads, on which the bits depend. */
  intra_op_threads: number;
  /** Instruction set that our kernels used, on which the bits depend too; absent in checkpoints of earlier versions. */
  instruction_set?: string;
  /**
   * Whether the evaluation after this step was aborted because the run was asked to end. It is made when the run is
   * resumed.
   */
  evaluation_due?: boolean;
  /** The state of border decisions, in runs that decide their borders. */
  adaptive?: AdaptiveState;
  created: string;
  sha256: string;
  bytes: number;
}

export interface Checkpoint {
  folder: string;
  info: CheckpointInfo;
}

/**
 * Matches a checkpoint, or one that a newer save of its step has moved away and not yet removed (replace-folder.ts).
 */
const FOLDER = new RegExp(`^step_(\\d{10})(\\${AWAY})?$`);
export const STATE_FILE = 'state.safetensors';
export const INFO_FILE = 'checkpoint.json';

/** Returns the folder of a run's checkpoints. */
export const checkpointsFolder = (runFolder: string): string => join(runFolder, 'checkpoints');

type NewInfo = Omit<CheckpointInfo, 'format' | 'created' | 'sha256' | 'bytes'>;

/**
 * Writes the state after `info.step` steps.
 * @throws AppError non_finite before anything is written, if the state holds a NaN or Inf; disk_full, with nothing but
 *   the earlier checkpoints left
 */
export function writeCheckpoint(runFolder: string, state: State, info: NewInfo): Checkpoint {
  refuseNonFinite(state, info.step);
  try {
    return writeAside(checkpointsFolder(runFolder), state, info);
  } catch (error) {
    // The partial file would hold the space that the database needs to record the failure.
    rmSync(asideOf(checkpointsFolder(runFolder), info.step), { recursive: true, force: true });
    if (!isDiskFull(error) && (error as AppError).code !== 'disk_full') throw error;
    const what = `There is no space left for a checkpoint of step ${info.step}.`;
    throw new AppError(
      {
        code: 'disk_full',
        what,
        why: `${runFolder} is on a full disk.`,
        next: 'The earlier checkpoints are kept. Free some space, then resume the run.',
      },
      { cause: error },
    );
  }
}

const nameOf = (step: number): string => `step_${String(step).padStart(10, '0')}`;
const asideOf = (parent: string, step: number): string => join(parent, `.${nameOf(step)}.part`);

function writeAside(parent: string, state: State, info: NewInfo): Checkpoint {
  const folder = join(parent, nameOf(info.step));
  const aside = asideOf(parent, info.step);
  mkdirSync(parent, { recursive: true });
  rmSync(aside, { recursive: true, force: true });
  mkdirSync(aside);
  const written = writeState(join(aside, STATE_FILE), state, { step: String(info.step) });
  const full: CheckpointInfo = {
    format: 1,
    ...info,
    created: new Date().toISOString(),
    sha256: written.sha256,
    bytes: written.bytes,
  };
  writeFileSync(join(aside, INFO_FILE), JSON.stringify(full, null, 1), { flush: true });
  syncFolder(aside);
  replaceFolder(aside, folder);
  return { folder, info: full };
}

function refuseNonFinite(state: State, step: number): void {
  for (const [name, values] of Object.entries(state)) {
    for (const value of values) {
      if (Number.isFinite(value)) continue;
      throw new AppError({
        code: 'non_finite',
        what: `The training state is not finite after step ${step}: ${name} holds ${value}.`,
        why: 'An update overflowed; usually the learning rate is too high or clipping is off.',
        next: 'Checkpoints saved before it are kept. Lower optimizer.base_lr, or set optimizer.clip_grad_norm, and start again.',
      });
    }
  }
}

/**
 * Lists the folders of all checkpoints, newest first; one moved away comes after its replacement. It does not check
 * whether they are valid.
 */
export function listCheckpoints(runFolder: string): { folder: string; step: number }[] {
  const parent = checkpointsFolder(runFolder);
  if (!existsSync(parent)) return [];
  return readdirSync(parent)
    .flatMap((name) => {
      const match = FOLDER.exec(name);
      return match ? [{ folder: join(parent, name), step: Number(match[1]), away: match[2] !== undefined }] : [];
    })
    .sort((a, b) => b.step - a.step || Number(a.away) - Number(b.away))
    .map(({ folder, step }) => ({ folder, step }));
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const block of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(block as Buffer);
  return hash.digest('hex');
}

/** Opens and fully checks the checkpoint in a folder. @throws AppError checkpoint_invalid with the reason */
export async function openCheckpoint(folder: string): Promise<Checkpoint> {
  const invalid = (why: string): AppError =>
    new AppError({
      code: 'checkpoint_invalid',
      what: `The checkpoint ${folder} can't be used.`,
      why,
      next: 'The newest valid checkpoint of the run is used instead where there is one; this folder may be deleted.',
    });
  const infoFile = join(folder, INFO_FILE);
  const stateFile = join(folder, STATE_FILE);
  if (!existsSync(infoFile) || !existsSync(stateFile)) throw invalid('It is not complete.');
  let info: CheckpointInfo;
  try {
    info = JSON.parse(readFileSync(infoFile, 'utf8')) as CheckpointInfo;
  } catch (cause) {
    throw invalid(`${INFO_FILE} is not JSON: ${String(cause)}`);
  }
  if (info.format !== 1) throw invalid(`Its format is ${String(info.format)}, this version reads 1.`);
  const bytes = statSync(stateFile).size;
  if (bytes !== info.bytes) throw invalid(`${STATE_FILE} has ${bytes} bytes, ${info.bytes} were written.`);
  if ((await sha256Of(stateFile)) !== info.sha256)
    throw invalid(`The checksum of ${STATE_FILE} differs from the one written.`);
  return { folder, info };
}

/** Returns the newest valid checkpoint; `skipped` says which newer ones were not valid and why. */
export async function newestCheckpoint(
  runFolder: string,
): Promise<{ checkpoint: Checkpoint | null; skipped: AppError[] }> {
  const skipped: AppError[] = [];
  for (const { folder } of listCheckpoints(runFolder)) {
    try {
      return { checkpoint: await openCheckpoint(folder), skipped };
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      skipped.push(error);
    }
  }
  return { checkpoint: null, skipped };
}

/** Yields one variable after the other. */
export const checkpointState = (checkpoint: Checkpoint): Iterable<[string, State[string]]> =>
  readState(join(checkpoint.folder, STATE_FILE));

/** Returns all variables of a checkpoint. @throws Error where its file can't be read */
export const loadCheckpointState = (checkpoint: Checkpoint): State => Object.fromEntries(checkpointState(checkpoint));
