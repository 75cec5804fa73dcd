/**
 * The full-size models agree with PyTorch and timm, which run in this test. PYTHON_WITH_TORCH=/path/to/python names a
 * Python with torch==2.13.0, timm and numpy. It takes hours, and as much memory as the largest model needs.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { modelEntry } from '../../../src/main/engine/models';
import { nearestValid } from '../../../src/shared/curriculum/size-rule';
import type { Opened } from '../../golden/models/formula';
import { allCases } from '../../golden/models/all-cases';
import { createModel, type Case, type Golden, type RunCase } from '../../golden/models/cases';
import { expectRun, expectStep } from '../../golden/models/expect-case';
import { expectInitialised } from '../../golden/models/expect-initialised';
import { engineMissing } from '../../support/engine';

const python = process.env['PYTHON_WITH_TORCH'];
const script = join(import.meta.dirname, '../../golden/models/reference.py');
const reason = python ? engineMissing : 'PYTHON_WITH_TORCH names no Python with torch and timm';
if (reason) console.log(`models.full.test.ts is skipped: ${reason}`);

const STEPS = 10;
const SIZE = 224;

/** The learning rate has five steps of warm-up, then a cosine. */
const schedule = (base: number): number[] =>
  Array.from({ length: 2 * STEPS }, (_, step) =>
    step < 5 ? (base * (step + 1)) / 5 : (base * (1 + Math.cos((Math.PI * (step - 5)) / (2 * STEPS - 5)))) / 2,
  );

/**
 * With an epsilon of 1e-8, Adam turns a gradient that is only rounding error into a full step. ResNets have such
 * gradients.
 */
const adamW = (family: string): RunCase => ({
  id: 'adamw',
  optimizer: { name: 'adamw', betas: [0.9, 0.999], eps: family === 'resnet' ? 1e-2 : 1e-8, weight_decay: 0.05 },
  ...{ clip: 5, ema_decay: 0.9, lrs: schedule(family === 'resnet' ? 3e-3 : 3e-4) },
});

/**
 * Returns weight and bias of all norms. The last norm of a branch is added to the skip connection before its ReLU, and
 * is small.
 */
const openedNorms = (last: string): Opened => ({
  ...Object.fromEntries(['bn1', 'bn2', 'downsample.1'].map((norm) => [norm, { weight: 1, bias: 2.5 }])),
  [last]: { weight: 0.2, bias: 0.4 },
});

/** The sizes of all stages of the published curricula, the final one first. */
const SIZES = [SIZE, 192, 160, 128, 96];
/** Bytes for each parameter: weights, gradients, optimizer, EMA, and their copies for the engine. */
const BYTES = 60;
/**
 * Relative tolerance of 20 steps. Rounding grows with depth and steps: PyTorch's own losses in float32
 * depart from its losses in float64 by 2e-5 for `vit_base_patch16_224` and by 8e-5 for `pvt_large`.
 */
const RUN_TOLERANCE = 1e-3;
/** With at least this many parameters, a model is compared in small batches. */
const LARGE = 5e7;

/** `npm test` compares the micro models. */
const full = allCases.filter(({ batch }) => !batch);
const parametersOf = ({ id }: Case): number => modelEntry(id).parameters(1000);
const fitting = full.filter((example) => parametersOf(example) * BYTES < totalmem());
const tooLarge = full.filter((example) => !fitting.includes(example)).map(({ id }) => id);
if (tooLarge.length)
  console.log(`models.full.test.ts leaves out ${tooLarge.join(', ')}: this machine has too little memory`);

const isBottleneck = (id: string): boolean => ['resnet50', 'resnet101', 'resnet152'].includes(id);

const cases = fitting.map((example): Case => {
  const { id, family } = example;
  const sizes = [...new Set(SIZES.map((size) => nearestValid(size, SIZE, modelEntry(id).sizes)))];
  const [second, , first] = sizes.slice(2) as [number, number, number];
  return {
    ...{
      ...example,
      digest: false,
      // `npm test` compares parameters and cost of every model.
      cost_sizes: [],
      batch: parametersOf(example) < LARGE ? 4 : 2,
      size: SIZE,
      smoothing: 0.1,
      forward_sizes: sizes,
    },
    options: { num_classes: 1000, img_size: SIZE, drop_path_rate: 0.1, drop_rate: 0.1, bn_eps: 1e-2 },
    stages: [
      { bandwidth: first, steps: STEPS },
      { bandwidth: second, steps: STEPS },
    ],
    opened: family === 'resnet' ? openedNorms(isBottleneck(id) ? 'bn3' : 'bn2') : {},
    runs: [adamW(family)],
  };
});

describe.skipIf(reason).each(cases)('$id against PyTorch', { timeout: 3_600_000 }, (example) => {
  let folder = '';
  let golden: Golden;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'parity-'));
    writeFileSync(join(folder, 'cases.json'), JSON.stringify([example]));
    execFileSync(python!, [script, join(folder, 'cases.json'), join(folder, 'golden.json'), '--arrays', folder], {
      stdio: 'inherit',
    });
    golden = JSON.parse(readFileSync(join(folder, 'golden.json'), 'utf8')) as Golden;
  }, 7_200_000);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("draws initial values with timm's statistics", () =>
    expectInitialised(createModel(example).params, golden.cases[example.id]!.statistics!));

  it.each(['captured', 'without our ops', 'eager'] as const)(
    'logits at every size; loss, every gradient whole, and running statistics of one step, %s',
    (way) => {
      const bytes = readFileSync(join(folder, `${example.id}.f32`));
      const whole = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
      expectStep(example, golden.cases[example.id]!, { whole, way });
    },
  );

  for (const run of example.runs) {
    it(`20 steps of ${run.optimizer.name} through two stages: losses, norms, weights, EMA`, () =>
      expectRun(example, run, golden.cases[example.id]!.runs[run.id]!, RUN_TOLERANCE));
  }
});
