/** Runs the training loop over a device that only waits, and measures how long that device is idle between steps. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadBinding } from '../../../src/main/engine/backend/load';
import type { EvalBatch, EvalLoader } from '../../../src/main/engine/data/loader/eval-loader';
import { Ring } from '../../../src/main/engine/data/loader/shared-state';
import { modelEntry } from '../../../src/main/engine/models';
import { evalSignature } from '../../../src/main/engine/tasks/signature-names';
import { TrainLoop } from '../../../src/main/engine/train/loop';
import { trainingSetup } from '../../../src/main/engine/train/setup';
import type { Executor, TrainLoader } from '../../../src/main/engine/types';
import { buildPlan } from '../../../src/shared/curriculum/plan';
import { rngOf } from '../../../src/shared/random';
import { runConfigSchema } from '../../../src/shared/run-config';
import { SILENT } from '../silent-observer';
import { waitingProgram } from './waiting-program';

export interface BusyCase {
  model: string;
  /** Side of the images and of the model's input, in pixels. */
  size: number;
  batch: number;
  steps: number;
  /** Duration of each run on the device, in milliseconds. */
  milliseconds: number;
}

/** The share of its time in which the device was idle, 0 to 1. */
export interface Idle {
  /** Share of the time from the first run to the last. */
  whole: number;
  /**
   * Share of a run and the gap after it, by the median gap. It leaves out moments in which the machine was busy with
   * something else.
   */
  median: number;
}

const CLASSES = 1000;
/**
 * Number of first runs that are not counted: they touch their memory for the first time, and make the session ready.
 */
const FIRST_RUNS = 5;

/** Times at which a run began and ended, in microseconds. */
type Times = readonly [number, number];

function idleOf(times: readonly Times[]): Idle {
  const counted = times.slice(FIRST_RUNS);
  const gaps = counted.slice(1).map(([began], index) => began - (counted[index] as Times)[1]);
  const whole = (counted.at(-1) as Times)[1] - (counted[0] as Times)[0];
  const idle = gaps.reduce((sum, gap) => sum + gap, 0);
  const median = [...gaps].sort((a, b) => a - b)[gaps.length >> 1] as number;
  return { whole: idle / whole, median: median / (median + (whole - idle) / gaps.length) };
}

/** Returns the executor with a record of the times of each run whose results are read. */
function watched(executor: Executor, times: Map<string, Times[]>): Executor {
  return {
    kind: executor.kind,
    start: (name, inputs) => {
      const pending = executor.start(name, inputs);
      return {
        wait: () => {
          const finished = pending.wait();
          const [began = NaN, ended = NaN] = finished.outputs['times'] as Int32Array;
          const list = times.get(name) ?? [];
          times.set(name, [...list, [began, ended]]);
          return finished;
        },
      };
    },
    run: (name, inputs) => executor.run(name, inputs),
    prepare: (name) => executor.prepare(name),
    write: (values) => executor.write(values),
    read: (names) => executor.read(names),
    dispose: () => executor.dispose(),
  };
}

/** Batches that are always ready, in memory like a loader's. */
function readyLoader({ batch, size }: BusyCase): TrainLoader & { batches: EvalBatch[] } {
  const slots = 3;
  const ring = Ring.create({ slots, batch, size }, (values) => loadBinding().bytesPastAlignment?.(values) ?? 0);
  const rng = rngOf(1);
  for (let slot = 0; slot < slots; slot++) {
    const words = new Uint32Array(ring.buffer, ring.images(slot, batch).byteOffset, (batch * size * size * 3) >> 2);
    for (let index = 0; index < words.length; index++) words[index] = rng.uint32();
  }
  const labels = Int32Array.from({ length: batch }, () => rng.below(CLASSES));
  let step = 0;
  return {
    next: () => ({
      ...{ step, images: ring.images(step++ % slots, batch), labels, erase: new Int32Array(4 * batch) },
      ...{ waitMs: 0, decoded: batch },
    }),
    release: () => undefined,
    problems: () => [],
    close: () => Promise.resolve(),
    batches: Array.from({ length: slots }, (_, slot) => ({ images: ring.images(slot, batch), labels })),
  };
}

/** Runs `steps` steps, then an evaluation of as many batches. */
export async function busyLoop(one: BusyCase): Promise<{ training: Idle; evaluation: Idle }> {
  const { model, size, batch, steps, milliseconds } = one;
  const config = runConfigSchema.parse({
    ...{ dataset: 'noise', model, size, data: { batch }, ema: { decay: null }, eval: { batch, every: 1 } },
    schedule: { equivalent_epochs: 1, stages: [{ bandwidth: size, magnitude: 0, share: 1 }] },
  });
  const plan = buildPlan(config, steps * batch, (side) => modelEntry(model).macs(side));
  const setup = trainingSetup(config, CLASSES, plan.stages);
  const training = Object.entries(setup.training.signatures()).map(
    ([name, { inputs }]) =>
      [name, { inputs, outputs: { loss: [], grad_norm: [], correct: [] }, milliseconds }] as const,
  );
  const measurement = { bandwidth: size, batch, weights: 'raw' } as const;
  const evaluating = {
    inputs: setup.evaluation.signature(measurement).inputs,
    ...{ outputs: { logits: [batch, CLASSES], losses: [batch] }, milliseconds },
  };
  const evaluation = evalSignature(size, batch, 'raw');
  const folder = mkdtempSync(join(tmpdir(), 'efficienttrain-busy-'));
  const executor = waitingProgram({ ...Object.fromEntries(training), [evaluation]: evaluating }, folder);
  const times = new Map<string, Times[]>();
  const loader = readyLoader(one);
  const evalLoader: EvalLoader = {
    *batches() {
      for (let index = 0; index < steps; index++) yield loader.batches[index % 3] as EvalBatch;
    },
    problems: () => [],
    close: () => Promise.resolve(),
  };
  try {
    await new TrainLoop({
      ...{ config, plan, setup, executor: watched(executor, times), stateNames: [], loader, evalLoader },
      ...{
        observer: SILENT,
        adaptive: null,
        knn: null,
        evalImages: steps * batch,
        runFolder: folder,
        intraOpThreads: 2,
        instructionSet: 'avx2',
      },
      start: { step: 0, saved: false, evaluationDue: false, best: null, wallSeconds: 0, spent: null },
    }).run();
  } finally {
    executor.dispose();
    rmSync(folder, { recursive: true, force: true });
  }
  const [[name] = ['']] = training;
  return { training: idleOf(times.get(name) ?? []), evaluation: idleOf(times.get(evaluation) ?? []) };
}
