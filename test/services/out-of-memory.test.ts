/** Running out of memory: where it happened and what fits, by the messages of TensorFlow and of our own ops. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { CapturedExecutor } from '../../src/main/engine/capture/session';
import { modelEntry } from '../../src/main/engine/models';
import { measureStages } from '../../src/main/services/preflight/dry-run';
import { estimateMemory, memoryByBatch } from '../../src/main/services/preflight/memory-estimate';
import {
  batchThatFits,
  isOutOfMemory,
  outOfMemory,
  type MemoryFailure,
} from '../../src/main/services/preflight/out-of-memory';
import { AppError } from '../../src/shared/errors';
import { buildPlan } from '../../src/shared/curriculum/plan';
import { resolveConfig } from '../../src/shared/run-config-resolve';
import { engineMissing } from '../support/engine';
import { importFolder, look, newRun, smallSample, temporary, train } from '../support/training';

const GIB = 2 ** 30;
const ON_GPU =
  'OOM when allocating tensor with shape[64,160,160,64] and type float on /job:localhost/replica:0/task:0/device:GPU:0 by allocator GPU_0_bfc';
const said = (node: string): Error =>
  new Error(
    `Session fail to run with error: ${ON_GPU}\n\t [[{{node ${node}}}]]\nHint: If you want to see a list of allocated tensors`,
  );

function failureAt(step: number, flags: Record<string, unknown> = {}, bytes = 4 * GIB): MemoryFailure {
  const model = modelEntry('resnet18');
  const all = { size: 128, 'data.batch': 64, 'eval.batch': 32, 'engine.intra_op_threads': 2, ...flags };
  const { config } = resolveConfig({ dataset: 'd', model, flags: all, preset: 'three-stage' });
  const plan = buildPlan(config, 1000, (side) => model.macs(side));
  return { ...{ config, plan, classes: 5 }, step, device: { name: 'gpu:0 (H100, 4.0 GiB)', bytes } };
}

it.each([
  `Session fail to run with error: ${ON_GPU}`,
  'OOM when allocating the memory that an op of ours computes with, on the processor: node train_32_16/7_StudioLinear',
  'RESOURCE_EXHAUSTED: Failed to allocate request for 2.00GiB',
  'failed to allocate 1.2G: CUDA_ERROR_OUT_OF_MEMORY: out of memory',
])('is recognised by its text: %s', (text) => expect(isOutOfMemory(new Error(text))).toBe(true));

it.each([
  new Error('Session fail to run with error: Incompatible shapes'),
  new AppError({ code: 'io', what: 'OOM when allocating', why: '', next: '' }),
])('is nothing else: %s', (error) => {
  expect(isOutOfMemory(error)).toBe(false);
  expect(outOfMemory(error, failureAt(0))).toBeNull();
});

describe('the batch that fits', () => {
  const line = { fixed: 1 * GIB, perImage: GIB / 16 };
  it('is below the one that failed, and leaves room', () => {
    expect(batchThatFits(line, 64, 3 * GIB)).toBe(24);
    expect(batchThatFits(line, 20, 100 * GIB)).toBe(16);
    expect(batchThatFits(line, 1, 100 * GIB)).toBe(0);
    expect(batchThatFits(line, 64, GIB / 2)).toBe(0);
  });
});

describe.skipIf(engineMissing)('a run that is out of memory', () => {
  it('names the stage of the step, and a batch whose estimate fits', () => {
    const failure = failureAt(0);
    const last = failure.plan.stages.length - 1;
    const { bandwidth, first_step } = failure.plan.stages[last]!;
    const error = outOfMemory(said(`train_${bandwidth}_64/12_Conv2D`), {
      ...failure,
      step: first_step,
      device: { name: 'gpu:0', bytes: GIB },
    });
    expect(error?.data).toMatchObject({
      code: 'engine_failed',
      what: `A training step in stage ${last + 1} of 3 (${bandwidth} px, 64 images at a time) needs more memory than gpu:0 has.`,
      why: expect.stringContaining(`TensorFlow said: Session fail to run with error: ${ON_GPU}.`) as string,
    });
    const [, fits = ''] = /data\.batch=(\d+)/.exec(error?.data.next ?? '') ?? [];
    const smaller = failureAt(0, { 'data.batch': Number(fits) });
    const [largest] = estimateMemory(smaller.config, 5, smaller.plan).toSorted((a, b) => b.bytes - a.bytes);
    expect(largest?.bytes).toBeLessThan(GIB);
    const [, parts = ''] = /grad_accum_steps=(\d+)/.exec(error?.data.next ?? '') ?? [];
    expect(64 / Number(parts)).toBeLessThanOrEqual(Number(fits));
  });
  it('counts what is on the device at once where a batch is taken in parts', () => {
    expect(
      outOfMemory(said('accumulate_128_32/12_Conv2D'), failureAt(0, { 'optimizer.grad_accum_steps': 2 }))?.message,
    ).toContain('32 images at a time');
  });
  it("names the stage's own batch where it has one", () => {
    const failure = failureAt(0, { 'schedule.stages.0.batch': 512 });
    const { bandwidth } = failure.plan.stages[0]!;
    const error = outOfMemory(said(`train_${bandwidth}_512/12_Conv2D`), failure);
    expect(error?.message).toContain(`stage 1 of 3 (${bandwidth} px, 512 images at a time)`);
    expect(error?.next).toMatch(/schedule\.stages\.0\.batch=\d+/);
  });
  it('names an evaluation and its batch', () => {
    const error = outOfMemory(said('evaluate_128_32_raw/3_Conv2D'), failureAt(0));
    expect(error?.message).toMatch(/^An evaluation in stage 1 of 3 \(128 px, 32 images at a time\)/);
    expect(error?.next).toMatch(/eval\.batch=\d+\.$/);
  });
  it('whose model alone is too large says so', () => {
    expect(outOfMemory(said('train_128_64/1_Conv2D'), failureAt(0, {}, 2 ** 20))?.next).toContain('a smaller model');
  });
  it('is estimated by a line that gives what is estimated of the whole', () => {
    const { config, plan } = failureAt(0, { 'data.batch': 32 });
    const { bandwidth } = plan.stages.at(-1)!;
    const { fixed, perImage } = memoryByBatch(config, 5, 'train', bandwidth)!;
    const whole = estimateMemory(config, 5, plan).find((stage) => stage.bandwidth === bandwidth)!;
    expect(Math.abs(fixed + 32 * perImage - whole.bytes) / whole.bytes).toBeLessThan(0.1);
  });
});

/** Makes steps of signatures with this many images fail as if the device were full. */
const FULL = `
const extensions = require('node:module')._extensions;
const load = extensions['.node'];
extensions['.node'] = (module, path) => {
  load(module, path);
  const { startRun, finishRun } = module.exports;
  if (!startRun) return;
  const full = new Map();
  const starting = (session, inputs, outputs) => {
    const run = startRun(session, inputs, outputs);
    if (outputs[0].includes('train_32_')) full.set(run, outputs[0].split('/')[0]);
    return run;
  };
  const finishing = (session, run) => {
    const results = finishRun(session, run);
    if (!full.has(run)) return results;
    throw new Error(${JSON.stringify(`Session fail to run with error: ${ON_GPU}`)} + '\\n\\t [[{{node ' + full.get(run) + '/12_Conv2D}}]]');
  };
  module.exports = Object.create(module.exports, { startRun: { value: starting }, finishRun: { value: finishing } });
};
`;

describe.skipIf(engineMissing)('in a real process', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  });

  it('a run fails with the stage and the way out, and keeps what it had', async () => {
    const home = temporary('oom');
    const preload = join(temporary('oom-preload'), 'full.cjs');
    writeFileSync(preload, FULL);
    const dataset = await importFolder(home, smallSample(temporary('oom-data'), 8, ['zero', 'one']));
    const run = newRun(home, dataset, { preset: 'three-stage', epochs: 3 });
    vi.stubEnv('NODE_OPTIONS', `--require ${preload}`);
    await train(home, run).ended;
    const { run: ended } = look(home, run.id);
    const stage = run.plan.stages.findIndex(({ bandwidth }) => bandwidth === 32);
    expect(ended).toMatchObject({
      state: 'failed',
      error: {
        code: 'engine_failed',
        what: expect.stringContaining(
          `stage ${stage + 1} of ${run.plan.stages.length} (32 px, 16 images at a time)`,
        ) as string,
        next: expect.stringMatching(/data\.batch=\d+/) as string,
      },
    });
    expect(ended.step).toBe(run.plan.stages[stage]?.first_step);
  });

  it('a dry run does so, too', async () => {
    const { config, plan } = failureAt(0, { size: 64, 'data.batch': 2 });
    vi.spyOn(CapturedExecutor.prototype, 'start').mockImplementation((name) => {
      throw said(`${name}/12_Conv2D`);
    });
    const options = { home: temporary('oom-dry'), config, plan, classes: 5, onStage: () => undefined };
    await expect(measureStages(options)).rejects.toMatchObject({
      code: 'engine_failed',
      message: expect.stringMatching(/^A training step in stage 1 of 3 .* this machine/) as string,
    });
  });
});
