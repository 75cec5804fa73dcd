/**
 * Compares an export with its run: the same images pass through both, one of them in a fresh process from the written
 * files.
 */
import { spawn } from 'node:child_process';
import { AppError } from '../../../shared/errors';
import { withoutEngineNoise } from '../backend/engine-noise';
import { engineEnvironment } from '../backend/environment';
import type { CheckReply, CheckRequest } from './check-protocol';
import type { ExportOutput } from './format';

/** Number of images in a parity check. */
export const PARITY_IMAGES = 64;
/**
 * Largest difference of a logit, a feature or a probability that an export may have, as a part of the image's largest
 * logit or feature, or of 1 where that is smaller. float32 rounds in proportion to what it holds, and a softmax passes
 * differences of logits on.
 */
export const PARITY_TOLERANCE = 1e-4;

export interface Parity {
  max_abs_diff: number;
  images: number;
}

export interface CheckProcess {
  /** Path of the built check-entry.ts. */
  entryFile: string;
  request: CheckRequest;
  threads: number | null;
  signal: AbortSignal;
}

/**
 * Runs the check in a process of its own. @throws AppError of the check, engine_failed where it died, the signal's
 * reason where aborted
 */
export async function runCheck({ entryFile, request, threads, signal }: CheckProcess): Promise<ExportOutput> {
  signal.throwIfAborted();
  const child = spawn(process.execPath, ['--enable-source-maps', entryFile], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    serialization: 'advanced',
    env: {
      ...process.env,
      ...engineEnvironment({ intraOpThreads: threads, interOpThreads: null }),
      ...(process.versions['electron'] ? { ELECTRON_RUN_AS_NODE: '1' } : {}),
    },
  });
  const said: Buffer[] = [];
  child.stderr?.on('data', (bytes: Buffer) => said.push(bytes));
  const kill = (): unknown => child.kill('SIGKILL');
  signal.addEventListener('abort', kill, { once: true });
  try {
    const reply = await new Promise<CheckReply | null>((resolve, reject) => {
      let received: CheckReply | null = null;
      // This listener stays until the end, because an 'error' event without a listener ends this process.
      child.on('error', reject);
      child.on('message', (message) => (received = message as CheckReply));
      child.once('close', () => resolve(received));
      child.send(request, (error) => {
        // A child that has ended already gives the reason in its own output.
        if (error && child.exitCode === null && child.signalCode === null) reject(error);
      });
    });
    signal.throwIfAborted();
    if (reply?.type === 'error') throw new AppError(reply.error);
    if (reply) return { outputs: reply.outputs, probabilities: reply.probabilities };
    const why = withoutEngineNoise(Buffer.concat(said).toString('utf8')).trim().split('\n').slice(-12).join('\n');
    throw new AppError({
      code: 'engine_failed',
      what: 'The process that checks the export ended without an answer.',
      why: why || `It ended with ${child.signalCode ?? `exit code ${child.exitCode}`}.`,
      next: 'Run `efficienttrain doctor`; the export was not written.',
      action: { id: 'doctor' },
    });
  } finally {
    signal.removeEventListener('abort', kill);
  }
}

/** Applies softmax to rows of [N, classes]. */
function softmax(logits: Float32Array, classes: number): Float32Array {
  const out = new Float32Array(logits.length);
  for (let row = 0; row < logits.length; row += classes) {
    const scores = logits.subarray(row, row + classes);
    const largest = scores.reduce((most, score) => Math.max(most, score), -Infinity);
    const powers = Array.from(scores, (score) => Math.exp(score - largest));
    const total = powers.reduce((sum, power) => sum + power, 0);
    out.set(
      powers.map((power) => power / total),
      row,
    );
  }
  return out;
}

interface Difference {
  /** The largest difference; NaN where either holds a value that is not finite. */
  largest: number;
  /** The largest difference of an image relative to its tolerance. */
  share: number;
}

/** Compares outputs. @param classes values in a row @param scales of each row's tolerance */
function differenceOf(actual: Float32Array, expected: Float32Array, classes: number, scales: Float64Array): Difference {
  if (actual.length !== expected.length) throw new Error(`${actual.length} values against ${expected.length}`);
  let [largest, share] = [0, 0];
  for (let index = 0; index < expected.length; index++) {
    const difference = Math.abs((actual[index] as number) - (expected[index] as number));
    if (!Number.isFinite(difference)) return { largest: NaN, share: NaN };
    largest = Math.max(largest, difference);
    share = Math.max(share, difference / (PARITY_TOLERANCE * (scales[Math.floor(index / classes)] as number)));
  }
  return { largest, share };
}

/** Returns the largest output of each image, at least 1. */
function scalesOf(outputs: Float32Array, images: number): Float64Array {
  const width = outputs.length / images;
  return Float64Array.from({ length: images }, (_, row) =>
    outputs.subarray(row * width, (row + 1) * width).reduce((most, value) => Math.max(most, Math.abs(value)), 1),
  );
}

/** Compares an export's outputs with the run's. @throws AppError parity_failed */
export function parityOf(expected: Float32Array, actual: ExportOutput, images: number): Parity {
  const classes = expected.length / images;
  const scales = scalesOf(expected, images);
  const outputs = differenceOf(actual.outputs, expected, classes, scales);
  const probabilities = actual.probabilities
    ? differenceOf(actual.probabilities, softmax(expected, classes), classes, scales)
    : { largest: 0, share: 0 };
  const largest = Math.max(outputs.largest, probabilities.largest);
  // A comparison with NaN is false, so NaN fails.
  if (Math.max(outputs.share, probabilities.share) <= 1) return { max_abs_diff: largest, images };
  throw new AppError({
    code: 'parity_failed',
    what: 'The export gives other outputs than the run, so it was discarded.',
    why: `On ${images} images its outputs differ by up to ${largest}; ${PARITY_TOLERANCE} of an image's largest output (here at most ${Math.max(...scales)}) is allowed.`,
    next: 'Evaluate the run (`efficienttrain evaluate RUN`): if its accuracy is right, this is a defect of the exporter; report it.',
    action: { id: 'evaluate_first' },
  });
}
