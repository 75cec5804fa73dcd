/** The order in which the loop takes batches, hands steps over, reads their results and saves. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EvalLoader } from '../../../src/main/engine/data/loader/eval-loader';
import { LoaderFailure } from '../../../src/main/engine/data/loader/pool';
import { modelEntry } from '../../../src/main/engine/models';
import { loadCheckpointState, newestCheckpoint } from '../../../src/main/engine/train/checkpoint';
import { TrainLoop, type LoopEnd } from '../../../src/main/engine/train/loop';
import type { StepReport, TrainObserver } from '../../../src/main/engine/train/observer';
import { trainingSetup } from '../../../src/main/engine/train/setup';
import type { Executor, TrainLoader } from '../../../src/main/engine/types';
import { buildPlan } from '../../../src/shared/curriculum/plan';
import { resolveConfig } from '../../../src/shared/run-config-resolve';
import { SILENT } from '../../support/silent-observer';

const entry = modelEntry('resnet_micro');
const [BATCH, CLASSES, SIZE] = [4, 2, 32];
/** Number of images. There are six steps an epoch, two epochs, and an evaluation after each. */
const SAMPLES = 24;

interface Story {
  flags?: Record<string, unknown>;
  /** Loss of a step, by its index. */
  loss?: (step: number) => number;
  /** Step whose images never come. */
  failAt?: number;
  /** Step that the device can't run. */
  brokenAt?: number;
  request?: (log: readonly string[]) => 'pause' | 'stop' | null;
  /** Times of a step's run, and of waiting for its batch, in milliseconds. */
  times?: (step: number) => { milliseconds: number; idleBefore: number; waitMs: number };
}

let runFolder: string;
beforeEach(() => void (runFolder = mkdtempSync(join(tmpdir(), 'steps-'))));
afterEach(() => rmSync(runFolder, { recursive: true, force: true }));

function story({ flags = {}, loss = () => 1, failAt, brokenAt, request = () => null, times }: Story): {
  log: string[];
  steps: StepReport[];
  end: Promise<LoopEnd>;
} {
  const { config } = resolveConfig({
    ...{ dataset: 'd', model: entry, preset: 'constant' },
    flags: {
      size: SIZE,
      'schedule.equivalent_epochs': 2,
      'data.batch': BATCH,
      'eval.every': 1,
      'eval.batch': 12,
      ...flags,
    },
  });
  const plan = buildPlan(config, SAMPLES, () => 1);
  const log: string[] = [];
  const steps: StepReport[] = [];
  let [taken, ran, passes] = [0, 0, 0];
  const loader: TrainLoader = {
    next: () => {
      if (taken === failAt) throw new LoaderFailure('20 files in a row could not be read');
      log.push(`take ${taken}`);
      const images = new Uint8Array(BATCH * SIZE * SIZE * 3);
      const waitMs = times?.(taken).waitMs ?? 0;
      const labels = new Int32Array(BATCH);
      return { step: taken++, images, labels, erase: new Int32Array(BATCH * 4), waitMs, decoded: BATCH };
    },
    release: ({ step }) => log.push(`release ${step}`),
    problems: () => [],
    close: () => Promise.resolve(),
  };
  const evalLoader: EvalLoader = {
    *batches() {
      for (let first = 0; first < SAMPLES; first += 12) {
        log.push(`take images ${first}`);
        yield { images: new Uint8Array(0), labels: new Int32Array(12) };
      }
    },
    problems: () => [],
    close: () => Promise.resolve(),
  };
  const start: Executor['start'] = (name) => {
    if (name.startsWith('evaluate')) {
      const pass = passes++ % 2;
      log.push(`start images ${12 * pass}`);
      const outputs = { logits: new Float32Array(12 * CLASSES), losses: new Float32Array(12) };
      return { wait: () => (log.push(`read images ${12 * pass}`), { outputs, milliseconds: 1, idleBefore: 0 }) };
    }
    if (name.startsWith('accumulate')) {
      log.push('start a part');
      const outputs = { loss: Float32Array.of(1), correct: Float32Array.of(0) };
      return { wait: () => (log.push('read a part'), { outputs, milliseconds: 1, idleBefore: 0 }) };
    }
    // The device has finished the step before anyone reads its results.
    const step = ran++;
    log.push(`start ${step}`);
    const outputs = { loss: Float32Array.of(loss(step)), grad_norm: Float32Array.of(1), correct: Float32Array.of(0) };
    const { milliseconds, idleBefore } = times?.(step) ?? { milliseconds: 1, idleBefore: 0 };
    return {
      wait: () => {
        log.push(`read ${step}`);
        if (step === brokenAt) throw new Error('Session fail to run with error: broken');
        return { outputs, milliseconds, idleBefore };
      },
    };
  };
  const executor: Executor = {
    ...{ kind: 'eager', start, run: (name, inputs) => start(name, inputs).wait().outputs },
    ...{
      prepare: () => undefined,
      write: () => undefined,
      read: () => ({ w: Float32Array.of(ran) }),
      dispose: () => undefined,
    },
  };
  const observer: TrainObserver = {
    ...SILENT,
    step: (report) => {
      steps.push(report);
      if ('train/loss' in report.values) log.push(`report ${report.step - 1}`);
    },
    checkpointed: ({ info }) => log.push(`save ${info.step}`),
    requested: () => request(log),
  };
  const loop = new TrainLoop({
    ...{
      config,
      plan,
      setup: trainingSetup(config, CLASSES, plan.stages),
      executor,
      stateNames: ['w'],
      loader,
      evalLoader,
    },
    ...{
      adaptive: null,
      knn: null,
      evalImages: SAMPLES,
      runFolder,
      intraOpThreads: 2,
      instructionSet: 'avx2',
      observer,
    },
    start: { step: 0, saved: false, evaluationDue: false, best: null, wallSeconds: 0, spent: null },
  });
  return { log, steps, end: loop.run() };
}

/** Returns the step of the newest checkpoint, by its information and by its state. */
async function saved(): Promise<[number, number] | null> {
  const { checkpoint } = await newestCheckpoint(runFolder);
  return checkpoint && [checkpoint.info.step, loadCheckpointState(checkpoint)['w']?.[0] as number];
}

describe('while a step runs', () => {
  it('the next batch is taken and handed over; results are read a step later', async () => {
    const { log, end } = story({});
    await end;
    const whole = (step: number): string[] => [`read ${step}`, `release ${step}`, `report ${step}`];
    const ahead = (step: number): string[] => [`take ${step}`, `start ${step}`];
    const epoch = (first: number): string[] => [
      ...ahead(first),
      ...[1, 2, 3, 4, 5].flatMap((at) => [...ahead(first + at), ...whole(first + at - 1)]),
      ...whole(first + 5),
      ...['take images 0', 'start images 0', 'take images 12', 'start images 12', 'read images 0', 'read images 12'],
    ];
    // The first evaluation is the best so far, and no worse one follows it.
    expect(log).toEqual([...epoch(0), 'save 6', ...epoch(6), 'save 12']);
  });

  it('and in parts, too', async () => {
    const { log, end } = story({ flags: { 'optimizer.grad_accum_steps': 2 } });
    await end;
    expect(log.slice(0, 8)).toEqual([
      'take 0',
      'start a part',
      'start 0',
      'take 1',
      'start a part',
      'start 1',
      'read a part',
      'read 0',
    ]);
  });
});

describe('a checkpoint', () => {
  it('is of exactly as many steps as it says, however often one is saved', async () => {
    const { log, end } = story({ flags: { 'checkpoint.every_seconds': 1e-9, 'checkpoint.keep_last': 20 } });
    await end;
    // When a checkpoint is due, a step in flight is waited for first.
    expect(log.filter((line) => line.startsWith('save'))).toEqual([
      'save 2',
      'save 4',
      'save 6',
      'save 8',
      'save 10',
      'save 12',
    ]);
    for (const [index, line] of log.entries())
      if (line.startsWith('save'))
        expect(log.slice(0, index).filter((each) => /^start \d/.test(each))).toHaveLength(Number(line.slice(5)));
    expect(await saved()).toEqual([12, 12]);
  });

  it.each([2, 5, 8])(
    'at a pause asked for when step %i has been reported has every step that was started',
    async (step) => {
      const { log, steps, end } = story({ request: (lines) => (lines.includes(`report ${step}`) ? 'pause' : null) });
      const { outcome, step: reached } = await end;
      expect(outcome).toBe('paused');
      expect(await saved()).toEqual([reached, reached]);
      expect(log.filter((line) => /^start \d/.test(line))).toHaveLength(reached);
      expect(steps.filter(({ values }) => 'train/loss' in values).map(({ step: at }) => at)).toEqual(
        Array.from({ length: reached }, (_, index) => index + 1),
      );
      // At most one more step is made.
      expect(reached - step - 1).toBeLessThanOrEqual(1);
    },
  );
});

describe('a loss that is not finite', () => {
  it.each([0, 3, 5, 11])('at step %i names that step, and nothing of it is saved', async (step) => {
    const { log, steps, end } = story({ loss: (at) => (at >= step ? NaN : 1) });
    await expect(end).rejects.toMatchObject({
      data: { code: 'non_finite', what: `train/loss is NaN at step ${step + 1}.` },
    });
    expect(log.filter((line) => line.startsWith('report'))).toHaveLength(step);
    expect(steps.every(({ values }) => !Number.isNaN(values['train/loss']))).toBe(true);
    // The checkpoint after the first evaluation is the last that was saved before the NaN.
    expect(await saved()).toEqual(step > 5 ? [6, 6] : null);
  });

  it('is what the run ends with where images fail, too', async () => {
    const { end } = story({ loss: (at) => (at === 2 ? NaN : 1), failAt: 3 });
    await expect(end).rejects.toThrow('train/loss is NaN at step 3');
    expect(await saved()).toBeNull();
  });
});

it('a loader that fails leaves the steps on their way, and they are saved', async () => {
  const { log, end } = story({ failAt: 3 });
  await expect(end).rejects.toThrow('The data loader failed');
  expect(log.slice(-4)).toEqual(['read 2', 'release 2', 'report 2', 'save 3']);
  expect(await saved()).toEqual([3, 3]);
});

it('a step that the device can not run ends the run with what went wrong, behind the reports of those before it', async () => {
  const { log, end } = story({ brokenAt: 3 });
  await expect(end).rejects.toThrow('Session fail to run with error: broken');
  expect(log.filter((line) => line.startsWith('report'))).toEqual(['report 0', 'report 1', 'report 2']);
  expect(await saved()).toBeNull();
});

it('a step’s times are the device’s: how long it ran, and how long it waited for images', async () => {
  const busy = { milliseconds: 40, idleBefore: 0, waitMs: 30 };
  const starved = { milliseconds: 40, idleBefore: 25, waitMs: 60 };
  const late = { milliseconds: 40, idleBefore: 25, waitMs: 5 };
  const { steps, end } = story({ times: (step) => [busy, starved, late][step] ?? busy });
  await end;
  const of = (name: string): unknown[] => steps.slice(0, 3).map(({ values }) => values[name]);
  expect(of('compute_ms')).toEqual([40, 40, 40]);
  expect(of('loader_wait_ms')).toEqual([0, 25, 5]);
});
