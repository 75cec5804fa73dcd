/**
 * Makes training steps on noise, the same in each process: bundled and run by bench/support/run-bundled.mjs. Lines in:
 * {"facts": true}, {"steps": n} or {"gradients": FILE}; out: the device, losses and milliseconds, or the first step's
 * gradients in a file.
 */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { applyEngineEnvironment } from '../../src/main/engine/backend/environment';
import { loadBinding } from '../../src/main/engine/backend/load';
import { openProgram } from '../../src/main/engine/capture/open';
import { modelEntry } from '../../src/main/engine/models';
import { runStep } from '../../src/main/engine/train/run-step';
import { trainingSetup } from '../../src/main/engine/train/setup';
import { buildPlan } from '../../src/shared/curriculum/plan';
import { rngOf } from '../../src/shared/random';
import { runConfigSchema } from '../../src/shared/run-config';

export interface StepProcess {
  model: string;
  size: number;
  batch: number;
  autocast?: boolean;
}

export interface Facts {
  gpu: boolean;
  version: string;
}
export interface Steps {
  losses: number[];
  ms: number[];
  /** Resident memory of the process, in bytes. */
  rss: number;
}
export interface Gradients {
  /** Number of values of each parameter in the file, one after the other. */
  lengths: Record<string, number>;
}

const CLASSES = 10;
/**
 * Learning rate: so small that rounding doesn't make twenty steps on two devices drift apart, so large that the loss
 * moves.
 */
const LR = 1e-3;

/** @param text a StepProcess as JSON */
export async function main([text = '']: string[]): Promise<void> {
  const { model, size, batch, autocast = false } = JSON.parse(text) as StepProcess;
  applyEngineEnvironment({ intraOpThreads: null, interOpThreads: null });
  // With plain SGD a first step's gradients are its momentum afterwards.
  const config = runConfigSchema.parse({
    ...{ dataset: 'noise', model, size, data: { batch }, engine: { autocast }, eval: { batch } },
    optimizer: { name: 'sgd', momentum: 0.9, nesterov: false, weight_decay: 0 },
    schedule: { equivalent_epochs: 1, stages: [{ bandwidth: size, magnitude: 0, share: 1 }] },
  });
  const plan = buildPlan(config, 1000 * batch, (side) => modelEntry(model).macs(side));
  const setup = trainingSetup(config, CLASSES, plan.stages);
  const { executor } = openProgram({
    ...{ build: setup.program, key: setup.key, autocast: setup.autocast },
    cacheFolder: mkdtempSync(join(tmpdir(), 'efficienttrain-gpu-check-')),
  });
  executor.write(setup.training.initialState(0));
  executor.write(setup.training.scratchState());
  const rng = rngOf(1);
  const images = Uint8Array.from({ length: batch * size * size * 3 }, () => rng.uint32() & 255);
  const labels = Int32Array.from({ length: batch }, () => rng.below(CLASSES));
  let made = 0;
  const step = (): number => {
    const batchOf = { step: made, images, labels, erase: new Int32Array(4 * batch), waitMs: 0 };
    return runStep(executor, setup.training, batchOf, { seed: 0, step: made++, bandwidth: size, lr: LR }).loss;
  };

  function steps(count: number): Steps {
    const [losses, ms]: [number[], number[]] = [[], []];
    for (let index = 0; index < count; index++) {
      const begun = performance.now();
      losses.push(step());
      ms.push(performance.now() - begun);
    }
    return { losses, ms, rss: process.memoryUsage.rss() };
  }

  function gradients(file: string): Gradients {
    const names = setup.model.params.filter(({ trainable }) => trainable).map(({ name }) => name);
    const values = executor.read(names.map((name) => `${name}/momentum`));
    const parts = names.map((name) => values[`${name}/momentum`] as Float32Array);
    writeFileSync(
      file,
      Buffer.concat(parts.map(({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength))),
    );
    return { lengths: Object.fromEntries(names.map((name, index) => [name, parts[index]?.length ?? 0])) };
  }

  const answer = (request: { steps?: number; gradients?: string }): Facts | Steps | Gradients => {
    if (request.steps !== undefined) return steps(request.steps);
    if (request.gradients !== undefined) return gradients(request.gradients);
    const binding = loadBinding();
    return { gpu: binding.isUsingGpuDevice(), version: binding.TF_Version };
  };
  for await (const line of createInterface({ input: process.stdin })) {
    try {
      console.log(JSON.stringify(answer(JSON.parse(line) as { steps?: number; gradients?: string })));
    } catch (error) {
      console.log(JSON.stringify({ error: (error as Error).message }));
    }
  }
}
