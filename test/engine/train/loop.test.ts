/**
 * The loop with a device and loaders under the test's control: failures at a chosen moment, and the state that they
 * leave.
 */
import { trainingSetup } from '../../../src/main/engine/train/setup';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { LoaderFailure } from '../../../src/main/engine/data/loader/pool';
import type { EvalLoader } from '../../../src/main/engine/data/loader/eval-loader';
import { modelEntry } from '../../../src/main/engine/models';
import { newestCheckpoint } from '../../../src/main/engine/train/checkpoint';
import { TrainLoop, type LoopEnd, type LoopStart } from '../../../src/main/engine/train/loop';
import type { StepReport, TrainObserver } from '../../../src/main/engine/train/observer';
import type { Executor, TrainLoader } from '../../../src/main/engine/types';
import { buildPlan } from '../../../src/shared/curriculum/plan';
import { resolveConfig } from '../../../src/shared/run-config-resolve';
import { SILENT } from '../../support/silent-observer';

const entry = modelEntry('resnet_micro');
const [BATCH, SAMPLES, CLASSES, SIZE] = [4, 8, 2, 32];
const { config } = resolveConfig({
  ...{ dataset: 'd', model: entry, preset: 'constant' },
  flags: { size: SIZE, 'schedule.equivalent_epochs': 4, 'data.batch': BATCH, 'eval.every': 1, 'eval.batch': BATCH },
});
const plan = buildPlan(config, SAMPLES, () => 1);
const BEGINNING: LoopStart = { step: 0, saved: false, evaluationDue: false, best: null, wallSeconds: 0, spent: null };

interface Story {
  start?: LoopStart;
  /** Step whose images never come. */
  failAt?: number;
  /** Returns an evaluation's scores by its number from 0; null for an image that can't be read. */
  logits?: (evaluation: number) => (readonly [number, number] | null)[];
  /** Is called before every batch of an evaluation and before every step. */
  request?: (at: { step: number; evaluating: boolean; evaluation: number }) => 'pause' | null;
}

interface Told {
  steps: StepReport[];
  events: [number, string][];
}

let runFolder: string;
beforeEach(() => {
  runFolder = mkdtempSync(join(tmpdir(), 'loop-'));
});

/** Labels are all 0, so the first score has to be the higher one. */
const RIGHT = [1, 0] as const;
const WRONG = [0, 1] as const;
const EIGHT = <T>(score: T): T[] => Array<T>(SAMPLES).fill(score);

function story({ start = BEGINNING, failAt, logits = () => EIGHT(RIGHT), request = () => null }: Story): {
  told: Told;
  end: Promise<LoopEnd>;
} {
  const told: Told = { steps: [], events: [] };
  let { step } = start;
  let evaluation = -1;
  let evaluating = false;
  let scores: (readonly [number, number] | null)[] = [];
  let batchAt = 0;
  const loader: TrainLoader = {
    next: () => {
      if (step === failAt) throw new LoaderFailure('20 files in a row could not be read');
      const images = new Uint8Array(BATCH * SIZE * SIZE * 3);
      const labels = new Int32Array(BATCH);
      return { step: step++, images, labels, erase: new Int32Array(BATCH * 4), waitMs: 0, decoded: BATCH };
    },
    release: () => undefined,
    problems: () => [],
    close: () => Promise.resolve(),
  };
  const evalLoader: EvalLoader = {
    *batches() {
      evaluation++;
      evaluating = true;
      scores = logits(evaluation);
      for (batchAt = 0; batchAt < SAMPLES; batchAt += BATCH) {
        const labels = Int32Array.from(scores.slice(batchAt, batchAt + BATCH), (score) => (score ? 0 : -1));
        yield { images: new Uint8Array(0), labels };
      }
      evaluating = false;
    },
    problems: () => scores.flatMap((score, index) => (score ? [] : [{ path: `${index}.jpg`, reason: 'EIO' }])),
    close: () => Promise.resolve(),
  };
  const run: Executor['run'] = (name) =>
    name.startsWith('evaluate')
      ? {
          logits: Float32Array.from(scores.slice(batchAt, batchAt + BATCH).flatMap((score) => score ?? [0, 0])),
          losses: Float32Array.from(scores.slice(batchAt, batchAt + BATCH), (score) => Math.abs(score ? score[0] : 0)),
        }
      : { loss: Float32Array.of(1), grad_norm: Float32Array.of(1), correct: Float32Array.of(0) };
  const executor: Executor = {
    kind: 'eager',
    start: (name, inputs) => {
      const outputs = run(name, inputs);
      return { wait: () => ({ outputs, milliseconds: 0, idleBefore: 0 }) };
    },
    run,
    prepare: () => undefined,
    write: () => undefined,
    read: () => ({ w: Float32Array.of(step) }),
    dispose: () => undefined,
  };
  const observer: TrainObserver = {
    ...SILENT,
    step: (report) => told.steps.push(report),
    event: (at, kind) => told.events.push([at, kind]),
    requested: () => request({ step, evaluating, evaluation }),
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
      runFolder,
      start,
      observer,
    },
    ...{ adaptive: null, knn: null, evalImages: SAMPLES, intraOpThreads: 2, instructionSet: 'avx2' },
  });
  return { told, end: loop.run() };
}

const saved = async () => (await newestCheckpoint(runFolder)).checkpoint?.info;
const valuesOf = ({ steps }: Told, name: string): (readonly [number, number])[] =>
  steps.flatMap(({ step, values }) => (values[name] === undefined ? [] : [[step, values[name]] as const]));

describe('an evaluation', () => {
  it('whose scores are not finite is never the best, and is reported', async () => {
    const { told, end } = story({
      logits: (number) => (number === 1 ? EIGHT([NaN, NaN]) : [...EIGHT(WRONG).slice(2), RIGHT, RIGHT]),
    });
    expect((await end).best).toEqual({ metric: 'val/top1', value: 0.25, step: 2 });
    expect(told.events).toEqual([[4, 'non_finite_scores']]);
    expect(valuesOf(told, 'val/top1')).toEqual([
      ...[[2, 0.25] as const, [4, 0] as const],
      ...[[6, 0.25] as const, [8, 0.25] as const],
    ]);
  });

  it('that could read no image leaves no figure and no best; the next one is the first', async () => {
    const { told, end } = story({ logits: (number) => (number === 0 ? EIGHT(null) : EIGHT(RIGHT)) });
    expect((await end).best).toEqual({ metric: 'val/top1', value: 1, step: 4 });
    expect(valuesOf(told, 'val/top1').map(([step]) => step)).toEqual([4, 6, 8]);
    expect(valuesOf(told, 'val/images')).toEqual([2, 4, 6, 8].map((step) => [step, step === 2 ? 0 : SAMPLES]));
    expect(told.events.filter(([, kind]) => kind === 'evaluation_incomplete')).toEqual([[2, 'evaluation_incomplete']]);
  });

  it('of a few easy images is not better than one of all', async () => {
    const some = [RIGHT, ...EIGHT(null).slice(1)];
    const { told, end } = story({
      logits: (number) => (number === 1 ? some : [RIGHT, RIGHT, ...EIGHT(WRONG).slice(2)]),
    });
    expect((await end).best).toEqual({ metric: 'val/top1', value: 0.25, step: 2 });
    expect(valuesOf(told, 'val/top1')[1]).toEqual([4, 1]);
    expect(valuesOf(told, 'val/images')[1]).toEqual([4, 1]);
  });

  it('is aborted where the run is asked to end, and made first when it resumes', async () => {
    const whole = await story({}).end;
    runFolder = mkdtempSync(join(tmpdir(), 'loop-'));
    const first = story({ request: ({ evaluating, evaluation }) => (evaluating && evaluation === 1 ? 'pause' : null) });
    expect(await first.end).toMatchObject({ outcome: 'paused', step: 4, best: { step: 2 } });
    expect(valuesOf(first.told, 'val/top1').map(([step]) => step)).toEqual([2]);
    const info = await saved();
    expect(info).toMatchObject({ step: 4, evaluation_due: true, best: { step: 2 } });
    const start = { ...BEGINNING, step: 4, saved: true, evaluationDue: true, best: info?.best ?? null };
    const second = story({ start });
    expect(await second.end).toEqual(whole);
    expect(valuesOf(second.told, 'val/top1').map(([step]) => step)).toEqual([4, 6, 8]);
    expect((await saved())?.evaluation_due).toBe(false);
  });

  it('after the last step is made when the run resumes, too', async () => {
    const first = story({ request: ({ evaluating, evaluation }) => (evaluating && evaluation === 3 ? 'pause' : null) });
    expect(await first.end).toMatchObject({ outcome: 'paused', step: 8 });
    const start = { ...BEGINNING, step: 8, saved: true, evaluationDue: true };
    const second = story({ start });
    expect(await second.end).toMatchObject({ outcome: 'completed', step: 8, best: { step: 8 } });
    expect(valuesOf(second.told, 'train/loss')).toEqual([]);
  });
});

describe('a loader that fails', () => {
  it('ends the run with a checkpoint of the steps so far', async () => {
    const { end } = story({ failAt: 3 });
    await expect(end).rejects.toThrow('The data loader failed');
    expect(await saved()).toMatchObject({ step: 3, evaluation_due: false });
  });

  it('saves nothing again that is saved', async () => {
    const { end } = story({ start: { ...BEGINNING, step: 3, saved: true }, failAt: 3 });
    await expect(end).rejects.toThrow('The data loader failed');
    expect(await saved()).toBeUndefined();
  });
});

it('a run that is asked to end before its first step saves its state once', async () => {
  const ended = { outcome: 'paused', step: 0 };
  expect(await story({ request: () => 'pause' }).end).toMatchObject(ended);
  const first = await saved();
  expect(first?.step).toBe(0);
  expect(await story({ start: { ...BEGINNING, saved: true }, request: () => 'pause' }).end).toMatchObject(ended);
  expect((await saved())?.created).toBe(first?.created);
});
