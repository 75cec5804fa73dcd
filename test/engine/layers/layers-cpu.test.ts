/** The layers' composed form works on tfjs's own CPU backend, which is used without libtensorflow. */
import { describe, expect, it } from 'vitest';
import { expectLayer } from '../../golden/models/expect-layer';
import { LAYERS, layerProgram } from '../../golden/models/layer-programs';
import { WINDOW_LAYERS } from '../../golden/models/window-layers';

process.env['EFFICIENTTRAIN_ENGINE'] = 'tfjs-cpu';
const { loadBackend } = await import('../../../src/main/engine/backend/load');
const { EagerExecutor } = await import('../../../src/main/engine/capture/eager');
const loaded = loadBackend();

describe.each([...LAYERS, ...WINDOW_LAYERS])('$name', (example) => {
  it("on tfjs's CPU backend", () => {
    expect(loaded.tf.getBackend()).toBe('cpu');
    const executor = new EagerExecutor(layerProgram(example), loaded);
    const before = loaded.tf.memory().numTensors;
    expectLayer(executor, example);
    expect(loaded.tf.memory().numTensors).toBe(before);
    executor.dispose();
  });
});
