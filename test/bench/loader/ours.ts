/**
 * Runs our side of the loader bench, from files to the model's input. Lines in: {"batches": n, "ahead": n}; out:
 * {"seconds", "images"}.
 */
import { mkdtempSync } from 'node:fs';
import { prepared, type PreparedTensors } from '../../../src/main/engine/tasks/prepare';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { applyEngineEnvironment } from '../../../src/main/engine/backend/environment';
import { openProgram } from '../../../src/main/engine/capture/open';
import { createTrainLoader } from '../../../src/main/engine/data/loader/train-loader';
import { modelEntry } from '../../../src/main/engine/models';
import { augmentOptions, loaderStages, trainingSetup } from '../../../src/main/engine/train/setup';
import { viewOf } from '../../../src/main/engine/tasks/view';
import type { Program } from '../../../src/main/engine/types';
import { databasePath } from '../../../src/main/base/home';
import { loadSampleTable } from '../../../src/main/services/datasets/datasets';
import { listDatasets, type Dataset } from '../../../src/main/store/datasets';
import { openStore } from '../../../src/main/store/open';
import { buildPlan } from '../../../src/shared/curriculum/plan';
import { imagesHeld } from '../../../src/shared/curriculum/replay';
import { runConfigSchema } from '../../../src/shared/run-config';

export interface LoaderCase {
  home: string;
  bandwidth: number;
  size: number;
  magnitude: number;
  batch: number;
  replayTimes: number;
  workers: number;
  /** Number of batches that are made ahead. */
  ahead: number;
  threads: number;
  /** Path of the workers' built file. */
  workerFile: string;
}

/** Builds a program whose last op is a mean, so that everything is computed and nothing is copied out. */
function programOf({ bandwidth, size, batch, magnitude, replayTimes }: LoaderCase, images: number) {
  const config = runConfigSchema.parse({
    ...{ dataset: 'bench', model: 'resnet18', size, data: { batch } },
    schedule: { equivalent_epochs: 1000, stages: [{ bandwidth, magnitude, share: 1, replay_times: replayTimes }] },
  });
  const plan = buildPlan(config, images, (side) => modelEntry('resnet18').macs(side));
  const setup = trainingSetup(config, 10, plan.stages);
  const whole = setup.program().signatures[`train_${bandwidth}_${batch}`];
  if (!whole) throw new Error('no training signature');
  const preparation = { ...viewOf(config), remode: config.data.remode };
  const names = ['images', 'labels', 'erase', 'mix', 'lam', 'noise_seed'];
  const inputs = Object.fromEntries(names.map((name) => [name, whole.inputs[name]])) as typeof whole.inputs;
  const program: Program = {
    variables: {},
    signatures: {
      prepare: {
        inputs,
        body: (context, given) => ({
          mean: context.tf.mean(prepared(context, preparation, bandwidth, given as PreparedTensors)),
        }),
      },
    },
  };
  return { config, plan, setup, names, program };
}

/** @param text the case as JSON */
export async function main([text = '']: string[]): Promise<void> {
  const given = JSON.parse(text) as LoaderCase;
  applyEngineEnvironment({ intraOpThreads: given.threads, interOpThreads: null });
  const store = openStore(databasePath(given.home));
  const samples = loadSampleTable(store, listDatasets(store)[0] as Dataset, 'train');
  const { config, plan, setup, names, program } = programOf(given, samples.count);
  const { executor } = openProgram({
    ...{ build: () => program, key: given, cacheFolder: mkdtempSync(join(tmpdir(), 'efficienttrain-bench-')) },
  });
  const loader = createTrainLoader(
    given.workerFile,
    {
      ...{ samples, seed: 0, size: given.size, stages: loaderStages(plan), augment: augmentOptions(config) },
      // The DataLoader of torch makes as many batches ahead.
      ...{ workers: given.workers, prefetchBytes: given.ahead * (given.batch * given.size ** 2 * 3 + 1024) },
      replayImages: imagesHeld(config.replay.buffer_mb, given.size),
    },
    0,
  );
  const one = (): void => {
    const batch = loader.next();
    const at = { seed: 0, step: batch.step, bandwidth: given.bandwidth, lr: 0 };
    const all = setup.training.prepare(batch, at).calls[0]?.inputs ?? {};
    const out = executor.run('prepare', Object.fromEntries(names.map((name) => [name, all[name] as Uint8Array])));
    if (!Number.isFinite(out['mean']?.[0])) throw new Error('not a number');
    loader.release(batch);
  };
  for await (const line of createInterface({ input: process.stdin })) {
    const { batches, ahead } = JSON.parse(line) as { batches: number; ahead: number };
    // Batches made during the other side's turn don't count.
    for (let count = 0; count < ahead; count++) one();
    const begun = performance.now();
    for (let count = 0; count < batches; count++) one();
    const seconds = (performance.now() - begun) / 1000;
    process.stdout.write(`${JSON.stringify({ seconds, images: batches * given.batch })}\n`);
  }
}
