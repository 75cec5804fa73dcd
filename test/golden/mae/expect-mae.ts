/** What the tests of the micro and of the small masked autoencoder check: see mae.py for what was measured. */
import { expect } from 'vitest';
import type { Executor, MaskedAutoencoder } from '../../../src/main/engine/types';
import { toTimm } from '../../../src/main/engine/weights/layout';
import { expectClose, expectRelative } from '../models/expect-close';
import { summary, type Summary } from '../models/formula';
import { inputsOf, trainInputs, type MaeCase, type MaeGolden } from './mae-program';

/** @param norm what differences are measured by */
function expectSummary(name: string, values: Float32Array, wanted: Summary, tolerance: number, norm: number): void {
  const actual = summary(name, values, wanted);
  const typical = norm / Math.sqrt(values.length) + Math.max(...wanted.sample.map(Math.abs));
  expectClose([actual.norm, ...actual.projections], [wanted.norm, ...wanted.projections], tolerance * norm, name);
  expectClose(actual.sample, wanted.sample, tolerance * typical, `${name}: elements`);
}

/** Loss to 1e-5, prediction and tokens to 1e-4, every gradient to 1e-3 at one size. */
export function expectMaeStep(
  executor: Executor,
  model: MaskedAutoencoder,
  example: MaeCase,
  golden: MaeGolden,
  size: number,
): void {
  const expected = golden[String(size)]!;
  const results = executor.run(`step_${size}`, inputsOf(example, 0, size)) as Record<string, Float32Array>;
  expectRelative(results['loss']!, [expected.loss], 1e-5, 'loss');
  expectSummary('prediction', results['prediction']!, expected.prediction, 1e-4, expected.prediction.norm);
  expectSummary('tokens', results['tokens']!, expected.tokens, 1e-4, expected.tokens.norm);
  // The keys' part of a qkv bias has no gradient but rounding: below a ten-thousandth of the whole gradient, that is
  // the measure.
  const floor = 1e-4 * Math.hypot(...Object.values(expected.gradients).map(({ norm }) => norm));
  const trained = model.params.filter(({ trainable }) => trainable);
  expect(trained.map(({ name }) => name).sort()).toEqual(Object.keys(expected.gradients).sort());
  for (const spec of trained) {
    const wanted = expected.gradients[spec.name]!;
    const values = toTimm(spec, results[`gradient/${spec.name}`]!);
    expectSummary(spec.name, values, wanted, 1e-3, Math.max(wanted.norm, floor));
  }
}

/** Twenty steps of AdamW through two sizes: losses, and what every parameter has become, to 1e-3. */
export function expectMaeRun(executor: Executor, model: MaskedAutoencoder, example: MaeCase, { run }: MaeGolden): void {
  const sizes = example.run.stages.flatMap(({ size, steps }) => Array<number>(steps).fill(size));
  const losses = sizes.map(
    (size, step) => executor.run(`train_${size}`, trainInputs(example, step, size))['loss']![0]!,
  );
  expectRelative(losses, run.losses, 1e-3, 'losses');
  const state = executor.read() as Record<string, Float32Array>;
  // The keys' part of a qkv bias has no gradient but rounding, which Adam makes steps of the whole rate of.
  for (const spec of model.params.filter(({ name, trainable }) => trainable && !name.endsWith('qkv.bias'))) {
    const wanted = run.parameters[spec.name]!;
    expectSummary(spec.name, toTimm(spec, state[spec.name]!), wanted, 1e-3, wanted.norm);
  }
}
