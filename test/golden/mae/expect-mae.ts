/**
 * The checks that the tests of the micro and of the small masked autoencoder share; mae.py computes the expected
 * values.
 */
import { expect } from 'vitest';
import type { Executor, MaskedAutoencoder } from '../../../src/main/engine/types';
import { toTimm } from '../../../src/main/engine/weights/layout';
import { expectClose, expectRelative } from '../models/expect-close';
import { summary, type Summary } from '../models/formula';
import { inputsOf, trainInputs, type MaeCase, type MaeGolden } from './mae-program';

/** Compares a tensor with its summary. @param norm the norm to which differences are relative */
function expectSummary(name: string, values: Float32Array, wanted: Summary, tolerance: number, norm: number): void {
  const actual = summary(name, values, wanted);
  const typical = norm / Math.sqrt(values.length) + Math.max(...wanted.sample.map(Math.abs));
  expectClose([actual.norm, ...actual.projections], [wanted.norm, ...wanted.projections], tolerance * norm, name);
  expectClose(actual.sample, wanted.sample, tolerance * typical, `${name}: elements`);
}

/** Expects the loss within 1e-5, prediction and tokens within 1e-4, and every gradient within 1e-3, at one size. */
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
  // The gradient of the keys' part of a qkv bias is only rounding error. So differences of small gradients are relative
  // to a ten-thousandth of the whole gradient.
  const floor = 1e-4 * Math.hypot(...Object.values(expected.gradients).map(({ norm }) => norm));
  const trained = model.params.filter(({ trainable }) => trainable);
  expect(trained.map(({ name }) => name).sort()).toEqual(Object.keys(expected.gradients).sort());
  for (const spec of trained) {
    const wanted = expected.gradients[spec.name]!;
    const values = toTimm(spec, results[`gradient/${spec.name}`]!);
    expectSummary(spec.name, values, wanted, 1e-3, Math.max(wanted.norm, floor));
  }
}

/** Expects the losses of twenty AdamW steps through two sizes, and the parameters after them, within 1e-3. */
export function expectMaeRun(executor: Executor, model: MaskedAutoencoder, example: MaeCase, { run }: MaeGolden): void {
  const sizes = example.run.stages.flatMap(({ size, steps }) => Array<number>(steps).fill(size));
  const losses = sizes.map(
    (size, step) => executor.run(`train_${size}`, trainInputs(example, step, size))['loss']![0]!,
  );
  expectRelative(losses, run.losses, 1e-3, 'losses');
  const state = executor.read() as Record<string, Float32Array>;
  // The gradient of the keys' part of a qkv bias is only rounding error, which Adam turns into steps of the full
  // learning rate.
  for (const spec of model.params.filter(({ name, trainable }) => trainable && !name.endsWith('qkv.bias'))) {
    const wanted = run.parameters[spec.name]!;
    expectSummary(spec.name, toTimm(spec, state[spec.name]!), wanted, 1e-3, wanted.norm);
  }
}
