/**
 * The checks that the golden tests of the micro models and of the full-size ones share; reference.py computes the
 * expected values.
 */
import { expect } from 'vitest';
import { classifyProgram, evalSignature, initialState, trainSignature } from '../../support/classify';
import { loadBackend } from '../../../src/main/engine/backend/load';
import { EagerExecutor } from '../../../src/main/engine/capture/eager';
import { openProgram } from '../../../src/main/engine/capture/open';
import type { Executor, Model, Program } from '../../../src/main/engine/types';
import { toTimm } from '../../../src/main/engine/weights/layout';
import {
  createModel,
  evalInputs,
  GRADIENT_RUN,
  programOptions,
  trainInputs,
  weightsOf,
  type Case,
  type CaseResult,
  type RunCase,
} from './cases';
import { expectClose, expectRelative, relativeDistance } from './expect-close';
import { summary, type Summary } from './formula';
import { temporaryFolder } from './temporary-folder';

/** How a step is computed: as a captured graph with our own ops or without them, or op by op. */
export type Way = 'captured' | 'without our ops' | 'eager';

/** Opens a program whose graph has none of our ops. */
function withoutOwnOps<T>(open: () => T): T {
  const before = process.env['EFFICIENTTRAIN_KERNELS'];
  process.env['EFFICIENTTRAIN_KERNELS'] = 'off';
  try {
    return open();
  } finally {
    if (before === undefined) delete process.env['EFFICIENTTRAIN_KERNELS'];
    else process.env['EFFICIENTTRAIN_KERNELS'] = before;
  }
}

/** Opens the case's program with the formula's weights. */
function open(example: Case, model: Model, run: RunCase, way: Way): Executor {
  const options = programOptions(example, model, run);
  const build = (): Program => classifyProgram(options);
  const captured = (): Executor =>
    openProgram({ build, key: [example.id, run, way], cacheFolder: temporaryFolder() }).executor;
  const executor =
    way === 'eager'
      ? new EagerExecutor(build(), loadBackend())
      : way === 'captured'
        ? captured()
        : withoutOwnOps(captured);
  expect(executor.kind).toBe(way === 'eager' ? 'eager' : 'captured');
  executor.write(initialState(options, 0, weightsOf(example, model)));
  return executor;
}

/**
 * Expects the norm and the projections within a thousandth of the tensor's norm, and elements within a thousandth of a
 * typical element.
 * @param floor the least norm to which differences are relative
 */
function expectSummary(actual: Summary, expected: Summary, length: number, floor: number, what: string): void {
  const norm = Math.max(expected.norm, floor);
  const typical = norm / Math.sqrt(length) + Math.max(...expected.sample.map(Math.abs));
  expectClose([actual.norm], [expected.norm], 1e-3 * norm, `${what}: norm`);
  expectClose(actual.sample, expected.sample, 1e-3 * typical, `${what}: elements`);
  expectClose(actual.projections, expected.projections, 1e-3 * norm, `${what}: projections`);
}

/**
 * Expects logits at every size within 1e-4, and loss, every gradient and the running statistics of one step within
 * 1e-3. A full-size model's logits that exceed ten may differ by 1e-5 of the largest one.
 * @param whole a full-size model's gradients and buffers in timm's order and layout, to compare whole tensors too
 */
export function expectStep(
  example: Case,
  expected: CaseResult,
  { whole, way = 'captured' }: { whole?: Float32Array; way?: Way } = {},
): void {
  const model = createModel(example);
  const executor = open(example, model, GRADIENT_RUN, way);
  for (const size of example.forward_sizes) {
    for (const weights of ['raw', 'ema'] as const) {
      const { logits } = executor.run(evalSignature(size, example.batch, weights), evalInputs(example, size));
      const wanted = expected.forward[size]!;
      const largest = whole ? Math.max(...wanted.map(Math.abs)) : 0;
      expectClose(logits!, wanted, Math.max(1e-4, 1e-5 * largest), `logits at ${size} px`);
    }
  }
  const { bandwidth } = example.stages[0]!;
  const { loss } = executor.run(
    trainSignature(bandwidth, example.batch),
    trainInputs(example, model, GRADIENT_RUN, expected.gradients.step, bandwidth, 0),
  );
  expectRelative(loss!, [expected.gradients.loss], 1e-5, 'loss');
  const state = executor.read();
  executor.dispose();
  // The gradient of the keys' part of a qkv bias, or of a bias that the next norm removes, is only rounding error. So
  // differences of small gradients are relative to a ten-thousandth of the whole gradient. In a full-size model they are
  // relative to a thousandth where a gradient is a single number. That of a StarReLU's scale or bias is a sum that
  // nearly cancels out: of caformer_m36, PyTorch's in float32 depart from those in float64 by up to 1.8e-7 of the whole
  // gradient, and ours by up to 1.9e-7.
  const { parameters, buffers } = expected.gradients;
  const floor = 1e-4 * Math.hypot(...Object.values(parameters).map(({ norm }) => norm));
  let at = 0;
  for (const spec of [
    ...model.params.filter(({ trainable }) => trainable),
    ...model.params.filter(({ trainable }) => !trainable),
  ]) {
    const values = toTimm(spec, state[spec.trainable ? `${spec.name}/momentum` : spec.name] as Float32Array);
    const wanted = (spec.trainable ? parameters : buffers)[spec.name]!;
    const least = spec.trainable ? (whole && values.length === 1 ? 10 : 1) * floor : 0;
    expectSummary(summary(spec.name, values, wanted), wanted, values.length, least, spec.name);
    if (!whole) continue;
    const distance = relativeDistance(values, whole.subarray(at, (at += values.length))) * wanted.norm;
    expect(distance / Math.max(wanted.norm, least), `${spec.name}: L2`).toBeLessThan(1e-3);
  }
  if (whole) expect(at).toBe(whole.length);
}

/**
 * Relative tolerance of the losses of 20 steps, by family; smooth networks agree to 1e-5. In a ResNet, some ReLU whose
 * input is nearly zero changes sides within 20 steps. PyTorch's own run, with its input disturbed by 3e-7, departs from
 * its series by 2e-4 (norms by 2.5e-3), as ours does. A CAFormer's ReLU is squared, so its gradient has a bend but no
 * jump. Its losses depart from PyTorch's by 3e-5 or by 4e-4, as rounding decides: by 3e-5 with our ops for AVX2, and by
 * 4e-4 with those for AVX-512 or without our ops.
 */
const TOLERANCE: Readonly<Record<string, number>> = { resnet: 1e-3, caformer: 1e-3 };

/**
 * Expects the losses of a run through all stages, and the logits of its final weights and of their EMA.
 * @param least the least relative tolerance
 */
export function expectRun(
  example: Case,
  run: RunCase,
  { losses, norms, raw, ema }: CaseResult['runs'][string],
  least = 0,
): void {
  const model = createModel(example);
  const executor = open(example, model, run, 'captured');
  const bandwidths = example.stages.flatMap(({ bandwidth, steps }) => Array<number>(steps).fill(bandwidth));
  const actual = bandwidths.map((bandwidth, step) =>
    executor.run(trainSignature(bandwidth, example.batch), trainInputs(example, model, run, step, bandwidth)),
  );
  const tolerance = TOLERANCE[example.family] ?? 1e-5;
  const rest = Math.max(10 * tolerance, least);
  expectRelative(
    actual.map(({ loss }) => loss![0]!),
    losses,
    Math.max(tolerance, least),
    'losses',
  );
  expectRelative(
    actual.map(({ grad_norm }) => grad_norm![0]!),
    norms,
    rest,
    'gradient norms',
  );
  for (const [weights, logits] of [
    ['raw', raw],
    ['ema', ema],
  ] as const) {
    const out = executor.run(evalSignature(example.size, example.batch, weights), evalInputs(example, example.size));
    expectClose(
      out['logits']!,
      logits,
      rest * Math.max(...logits.map(Math.abs)),
      `logits of the ${weights} weights after training`,
    );
  }
  executor.dispose();
}
