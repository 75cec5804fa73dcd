/** The micro masked autoencoder works on tfjs's own CPU backend, which trains without libtensorflow. */
import { expect, it } from 'vitest';
import { hogTargets } from '../../../src/main/engine/tasks/mae/hog-targets';
import casesJson from '../../golden/mae/cases.json';
import { expectMaeStep } from '../../golden/mae/expect-mae';
import hogJson from '../../golden/mae/hog.json';
import { createMae, maeProgram, stateOf, type MaeCase, type MaeGolden } from '../../golden/mae/mae-program';
import microJson from '../../golden/mae/micro.json';
import { expectClose } from '../../golden/models/expect-close';
import { uniform } from '../../golden/models/formula';

process.env['EFFICIENTTRAIN_ENGINE'] = 'tfjs-cpu';
const { loadBackend } = await import('../../../src/main/engine/backend/load');
const { EagerExecutor } = await import('../../../src/main/engine/capture/eager');

it('loss, prediction, tokens and every gradient; no tensor stays behind', () => {
  const loaded = loadBackend();
  expect(loaded.tf.getBackend()).toBe('cpu');
  const example = (casesJson as unknown as MaeCase[])[0]!;
  const model = createMae(example);
  const executor = new EagerExecutor(maeProgram(model, example, [16]), loaded);
  executor.write(stateOf(model, example));
  const before = loaded.tf.memory().numTensors;
  expectMaeStep(executor, model, example, microJson as unknown as MaeGolden, 16);
  expect(loaded.tf.memory().numTensors).toBe(before);
});

it('HOG of patches of 4 px', () => {
  const { batch, size, key, patch, values } = hogJson.find(({ patch: side }) => side === 4)!;
  const shape = [batch, size, size, 3];
  const program = {
    variables: {},
    signatures: {
      run: {
        inputs: { x: { shape, dtype: 'float32' as const } },
        body: (context: Parameters<typeof hogTargets>[0], { x }: Record<string, Parameters<typeof hogTargets>[1]>) => ({
          out: hogTargets(context, x!, patch),
        }),
      },
    },
  };
  const x = Float32Array.from(uniform(key, batch * size * size * 3));
  expectClose(new EagerExecutor(program, loadBackend()).run('run', { x })['out']!, values, 1e-5, 'HOG');
});
