/**
 * The small masked autoencoder agrees with transformers at three sizes, and in twenty steps of AdamW through two sizes.
 */
import { describe, expect, it } from 'vitest';
import { openProgram } from '../../../src/main/engine/capture/open';
import casesJson from '../../golden/mae/cases.json';
import { expectMaeRun, expectMaeStep } from '../../golden/mae/expect-mae';
import { createMae, maeProgram, stateOf, type MaeCase, type MaeGolden } from '../../golden/mae/mae-program';
import smallJson from '../../golden/mae/small.json';
import { temporaryFolder } from '../../golden/models/temporary-folder';
import { engineMissing } from '../../support/engine';

const example = (casesJson as unknown as MaeCase[])[1]!;
const golden = smallJson as unknown as MaeGolden;

describe.skipIf(engineMissing)('mae_vit_small_patch16 against transformers', () => {
  it.each(example.sizes)('loss, prediction, tokens and every gradient at %i px', (size) => {
    const model = createMae(example);
    const build = () => maeProgram(model, example, [size]);
    const { executor } = openProgram({ build, key: [example.id, size], cacheFolder: temporaryFolder() });
    expect(executor.kind).toBe('captured');
    executor.write(stateOf(model, example));
    expectMaeStep(executor, model, example, golden, size);
    executor.dispose();
  });

  it('twenty steps of AdamW through two sizes', () => {
    const model = createMae(example);
    const sizes = example.run.stages.map(({ size }) => size);
    const build = () => maeProgram(model, example, sizes);
    const { executor } = openProgram({ build, key: [example.id, sizes], cacheFolder: temporaryFolder() });
    executor.write(stateOf(model, example));
    expectMaeRun(executor, model, example, golden);
    executor.dispose();
  });
});
