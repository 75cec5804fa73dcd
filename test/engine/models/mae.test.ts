/** The micro masked autoencoder agrees with transformers; test/golden/mae/mae.py computed the numbers. */
import { describe, expect, it } from 'vitest';
import { EagerExecutor } from '../../../src/main/engine/capture/eager';
import { openProgram } from '../../../src/main/engine/capture/open';
import type { Executor } from '../../../src/main/engine/types';
import casesJson from '../../golden/mae/cases.json';
import { expectMaeRun, expectMaeStep } from '../../golden/mae/expect-mae';
import { createMae, maeProgram, stateOf, type MaeCase, type MaeGolden } from '../../golden/mae/mae-program';
import microJson from '../../golden/mae/micro.json';
import { temporaryFolder } from '../../golden/models/temporary-folder';
import { engineMissing, loaded } from '../../support/engine';

const example = (casesJson as unknown as MaeCase[])[0]!;
const golden = microJson as unknown as MaeGolden;
const model = createMae(example);

function open(kind: 'captured' | 'eager', sizes: readonly number[]): Executor {
  const program = maeProgram(model, example, sizes);
  const executor =
    kind === 'eager'
      ? new EagerExecutor(program, loaded)
      : openProgram({ build: () => program, key: [example.id, sizes], cacheFolder: temporaryFolder() }).executor;
  expect(executor.kind).toBe(kind);
  executor.write(stateOf(model, example));
  return executor;
}

it("has the authors' parameters and shapes", () => {
  const shapes = Object.fromEntries(model.params.map(({ name, timmShape }) => [name, [...timmShape]]));
  expect(shapes).toEqual(golden.shapes);
});

it('decays what the authors decay: matrices, class token and mask token', () => {
  const trained = model.params.filter(({ trainable }) => trainable);
  expect(trained.filter(({ decay, timmShape }) => decay !== timmShape.length > 1)).toEqual([]);
  expect(trained.filter(({ name, decay }) => name.endsWith('_token') && !decay)).toEqual([]);
  expect(model.params.filter(({ trainable }) => !trainable).map(({ name }) => name)).toEqual([
    'pos_embed',
    'decoder_pos_embed',
  ]);
});

describe.skipIf(engineMissing).each(['captured', 'eager'] as const)('against transformers, %s', (kind) => {
  it.each(example.sizes)('loss, prediction, tokens and every gradient at %i px', (size) => {
    const executor = open(kind, [size]);
    expectMaeStep(executor, model, example, golden, size);
    executor.dispose();
  });
});

describe.skipIf(engineMissing)('a run', () => {
  it('of twenty steps of AdamW through two sizes', () => {
    const sizes = example.run.stages.map(({ size }) => size);
    const executor = open('captured', sizes);
    expectMaeRun(executor, model, example, golden);
    executor.dispose();
  });
});
