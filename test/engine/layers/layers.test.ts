/** Each layer's output and gradients agree with PyTorch, captured and eager. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { EagerExecutor } from '../../../src/main/engine/capture/eager';
import { openProgram } from '../../../src/main/engine/capture/open';
import { expectLayer, goldenLayers } from '../../golden/models/expect-layer';
import { LAYERS, layerProgram } from '../../golden/models/layer-programs';
import { WINDOW_LAYERS } from '../../golden/models/window-layers';
import { engineMissing, loaded } from '../../support/engine';
import { temporaryFolder } from '../../golden/models/temporary-folder';

const layers = [...LAYERS, ...WINDOW_LAYERS];

it('no layer of the golden files is forgotten', () =>
  expect(layers.map(({ name }) => name).sort()).toEqual(goldenLayers.toSorted()));

describe.skipIf(engineMissing).each(layers)('$name', (example) => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it.each(['on', 'off'])('captured, our own ops %s', (kernels) => {
    vi.stubEnv('EFFICIENTTRAIN_KERNELS', kernels);
    const { executor } = openProgram({
      build: () => layerProgram(example),
      key: example.name,
      cacheFolder: temporaryFolder(),
    });
    expect(executor.kind).toBe('captured');
    expectLayer(executor, example);
    executor.dispose();
  });

  it('eager, and no tensor stays behind', () => {
    const executor = new EagerExecutor(layerProgram(example), loaded);
    const before = loaded.tf.memory().numTensors;
    expectLayer(executor, example);
    expect(loaded.tf.memory().numTensors).toBe(before);
    executor.dispose();
  });
});
