/** Explains an out-of-memory failure of a run: where it happened, and which batch would fit by an estimate. */
import { positionAt, type Plan } from '../../../shared/curriculum/plan';
import { AppError } from '../../../shared/errors';
import type { RunConfig } from '../../../shared/run-config';
import { memoryByBatch, type MemoryByBatch } from './memory-estimate';

/** Words by which TensorFlow, its allocators and CUDA report it. */
const SIGNS =
  /\bOOM when allocating|RESOURCE_EXHAUSTED|Resource exhausted|CUDA_ERROR_OUT_OF_MEMORY|ran out of memory|Out of memory/;
/** The signature at the beginning of a node's name: `{{node train_160_64/12_Conv2D}}`. */
const NODE = /node (train|accumulate|evaluate)_(\d+)_(\d+)[_/]/;
/** Share of a device's memory that a step may use: the context, cuDNN and gaps between buffers take the rest. */
const USABLE = 0.85;
/**
 * The share of the failed batch's estimated images that a smaller batch may have, because the estimate leaves out the
 * kernels' scratch memory.
 */
const LESS = 0.8;

export const isOutOfMemory = (error: unknown): boolean => !(error instanceof AppError) && SIGNS.test(String(error));

export interface MemoryFailure {
  config: RunConfig;
  classes: number;
  plan: Plan;
  /** The step that failed. */
  step: number;
  device: Device;
}

/** The device of a step, and its memory in bytes. */
export interface Device {
  name: string;
  bytes: number;
}

interface Place {
  kind: 'train' | 'evaluate';
  /** Index of the stage, from 0. */
  stage: number;
  bandwidth: number;
  /** Number of images on the device at once. */
  batch: number;
}

/** Finds the place by the node that failed, which may be one of an evaluation; else it is the step's stage. */
function placeOf(text: string, { config, plan, step }: MemoryFailure): Place {
  const current = positionAt(plan, Math.min(step, plan.totals.steps - 1)).stage;
  const [, kind, side, count] = NODE.exec(text) ?? [];
  const parts = config.optimizer.grad_accum_steps;
  if (kind === 'evaluate') return { kind, stage: current, bandwidth: Number(side), batch: Number(count) };
  const named = plan.stages.findIndex(
    ({ bandwidth, batch }) => bandwidth === Number(side) && batch / parts === Number(count),
  );
  const fits = plan.stages[current]?.bandwidth === Number(side) || named < 0;
  const stage = fits ? current : named;
  const { bandwidth, batch } = plan.stages[stage] as Plan['stages'][number];
  return { kind: 'train', stage, bandwidth, batch: batch / parts };
}

/** Returns the most images at once that fit by the line; 0: not even one. */
export const mostThatFit = ({ fixed, perImage }: MemoryByBatch, bytes: number): number =>
  Math.max(0, Math.floor((USABLE * bytes - fixed) / perImage));

/** Returns the largest batch below the failed one that fits by the line; 0: not even one image. */
export function batchThatFits({ fixed, perImage }: MemoryByBatch, batch: number, bytes: number): number {
  const room = Math.min(USABLE * bytes - fixed, LESS * perImage * batch);
  const most = Math.min(Math.floor(room / perImage), batch - 1);
  // Tensor cores and vector units work best with multiples of eight.
  return Math.max(0, most >= 16 ? most - (most % 8) : most);
}

/** Estimates a fitting batch; null where nothing can be estimated: then only the failure is known. */
function estimated({ kind, bandwidth, batch }: Place, { config, classes, device }: MemoryFailure): number | null {
  try {
    const line = memoryByBatch(config, classes, kind, bandwidth);
    return line && batchThatFits(line, batch, device.bytes);
  } catch (error) {
    // The run has failed already, and its failure may prevent a trace; that is not reported as a second failure.
    console.error('No batch could be estimated:', error);
    return null;
  }
}

/**
 * Returns the number of parts in which every stage's batch can be taken so that none is larger; null: there is no such
 * number.
 */
function partsFor(fits: number, { stages }: Plan): number | null {
  const largest = Math.max(...stages.map(({ batch }) => batch));
  for (let parts = Math.ceil(largest / fits); parts <= largest; parts++)
    if (stages.every(({ batch }) => batch % parts === 0)) return parts;
  return null;
}

/** Names the field that the batch comes from. */
function fieldOf({ kind, stage }: Place, { config }: MemoryFailure): string {
  if (kind === 'evaluate') return 'eval.batch';
  return (config.schedule.stages[stage]?.batch ?? null) === null ? 'data.batch' : `schedule.stages.${stage}.batch`;
}

function wayOut(place: Place, fits: number | null, failure: MemoryFailure): string {
  const { plan } = failure;
  const field = fieldOf(place, failure);
  if (fits === null) return `Start a new run with a smaller ${field}.`;
  if (fits === 0) return 'Start a new run with a smaller size or a smaller model.';
  const parts = place.kind === 'train' ? partsFor(fits, plan) : null;
  const same =
    parts === null ? '' : `, or with optimizer.grad_accum_steps=${parts}, which trains the same in less memory`;
  return `Start a new run with ${field}=${fits}${same}.`;
}

/** Returns the failure in a user's words; null where it had another cause than memory. */
export function outOfMemory(error: unknown, failure: MemoryFailure): AppError | null {
  if (!isOutOfMemory(error)) return null;
  const text = String(error);
  const place = placeOf(text, failure);
  const { plan, device } = failure;
  const where = `Stage ${place.stage + 1} of ${plan.stages.length}`;
  const what = place.kind === 'evaluate' ? 'An evaluation in' : 'A training step in';
  const fits = estimated(place, failure);
  return new AppError(
    {
      code: 'engine_failed',
      what: `${what} ${where.toLowerCase()} (${place.bandwidth} px, ${place.batch} images at a time) needs more memory than ${device.name} has.`,
      why: `TensorFlow said: ${saidByEngine(error)}${estimateSentence(fits)}`,
      next: wayOut(place, fits, failure),
    },
    { cause: error },
  );
}

/** Returns the estimate as a sentence. @param fits as batchThatFits; null: nothing could be estimated */
export function estimateSentence(fits: number | null): string {
  if (fits === null) return '';
  return fits === 0
    ? ' By an estimate, not even one image at a time fits.'
    : ` By an estimate, ${fits} images at a time fit.`;
}

/** Returns the first line of an error, as a sentence. */
export function saidByEngine(error: unknown): string {
  const line = (
    String(error)
      .replace(/^Error: /, '')
      .split('\n')[0] ?? ''
  ).trim();
  return line.endsWith('.') ? line : `${line}.`;
}
