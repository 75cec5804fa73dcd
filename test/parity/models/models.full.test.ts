/**
 * The full-size models against PyTorch and timm, which run here: PYTHON_WITH_TORCH=/path/to/python names a Python with
 * torch==2.13.0, timm and numpy. Minutes, and some GB of memory.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { modelEntry } from '../../../src/main/engine/models';
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
const [SIZE, FIRST, SECOND] = [224, 96, 160];

/** Five steps of warm-up, then a cosine. */
const schedule = (base: number): number[] =>
  Array.from({ length: 2 * STEPS }, (_, step) =>
    step < 5 ? (base * (step + 1)) / 5 : (base * (1 + Math.cos((Math.PI * (step - 5)) / (2 * STEPS - 5)))) / 2,
  );

/** Adam with an epsilon of 1e-8 turns a gradient that is nothing but rounding into a full step; ResNets have such. */
const adamW = (family: string): RunCase => ({
  id: 'adamw',
  optimizer: { name: 'adamw', betas: [0.9, 0.999], eps: family === 'resnet' ? 1e-2 : 1e-8, weight_decay: 0.05 },
  ...{ clip: 5, ema_decay: 0.9, lrs: schedule(family === 'resnet' ? 3e-3 : 3e-4) },
});

/** All norms; the last of a branch meets the skip connection first, and is small. */
const openedNorms = (last: string): Opened => ({
  ...Object.fromEntries(['bn1', 'bn2', 'downsample.1'].map((norm) => [norm, { weight: 1, bias: 2.5 }])),
  [last]: { weight: 0.2, bias: 0.4 },
});

/** Of every stage that a published curriculum has. */
const SIZES = [SIZE, 192, SECOND, 128, FIRST];

const cases = allCases
  // The micro ones are in `npm test`; larger ones have the same parts, and would take hours and tens of gigabytes.
  .filter(({ id, batch }) => !batch && modelEntry(id).parameters(1000) < 5e7)
  .map((example): Case => ({
    ...{ ...example, batch: 4, size: SIZE, smoothing: 0.1, forward_sizes: SIZES },
    options: { num_classes: 1000, img_size: SIZE, drop_path_rate: 0.1, drop_rate: 0.1, bn_eps: 1e-2 },
    stages: [
      { bandwidth: FIRST, steps: STEPS },
      { bandwidth: SECOND, steps: STEPS },
    ],
    opened: example.family === 'resnet' ? openedNorms(example.id === 'resnet50' ? 'bn3' : 'bn2') : {},
    runs: [adamW(example.family)],
  }));

describe.skipIf(reason).each(cases)('$id against PyTorch', { timeout: 600_000 }, (example) => {
  let folder = '';
  let golden: Golden;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'parity-'));
    writeFileSync(join(folder, 'cases.json'), JSON.stringify([example]));
    execFileSync(python!, [script, join(folder, 'cases.json'), join(folder, 'golden.json'), '--arrays', folder], {
      stdio: 'inherit',
    });
    golden = JSON.parse(readFileSync(join(folder, 'golden.json'), 'utf8')) as Golden;
  }, 1_800_000);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("draws initial values with timm's statistics", () =>
    expectInitialised(createModel(example).params, golden.cases[example.id]!.statistics!));

  it('logits at every size; loss, every gradient whole, and running statistics of one step', () => {
    const bytes = readFileSync(join(folder, `${example.id}.f32`));
    expectStep(
      example,
      golden.cases[example.id]!,
      new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)),
    );
  });

  for (const run of example.runs) {
    it(`20 steps of ${run.optimizer.name} through two stages: losses, norms, weights, EMA`, () =>
      expectRun(example, run, golden.cases[example.id]!.runs[run.id]!));
  }
});
