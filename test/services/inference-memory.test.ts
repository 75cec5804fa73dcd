/** Evaluating, predicting and exporting without enough memory: the message, and the batch that fits by an estimate. */
import { expect, it, vi } from 'vitest';
import { CapturedExecutor } from '../../src/main/engine/capture/session';
import { modelEntry } from '../../src/main/engine/models';
import { inferenceOutOfMemory, sayingMemory } from '../../src/main/services/inference/inference-memory';
import { openInference } from '../../src/main/services/inference/inference';
import type { Executor } from '../../src/main/engine/types';
import { engineMissing } from '../support/engine';
import { temporary } from '../support/training';

const GIB = 2 ** 30;
const device = { name: 'gpu:0 (H100, 4.0 GiB)', bytes: 4 * GIB };
const oom = new Error('OOM when allocating tensor with shape[64,224,224,64] and type float on GPU:0\nHint: more');

it('names the size, the batch, the device and a batch that fits', () => {
  const at = { size: 224, batch: 64, estimate: () => ({ fixed: GIB, perImage: GIB / 16 }) };
  expect(inferenceOutOfMemory(oom, at, device)).toMatchObject({
    message: 'Evaluating 64 images of 224 px at a time needs more memory than gpu:0 (H100, 4.0 GiB) has free.',
    why: 'TensorFlow said: OOM when allocating tensor with shape[64,224,224,64] and type float on GPU:0. By an estimate, 32 images at a time fit.',
    next: 'Evaluate fewer images at a time: the command evaluate takes --batch 32.',
  });
});

it('says of a single image that nothing smaller is left, and of other errors nothing', () => {
  const at = { size: 512, batch: 1, estimate: () => null };
  expect(inferenceOutOfMemory(oom, at, device)?.next).toContain('End other programs');
  expect(inferenceOutOfMemory(new Error('Incompatible shapes'), at, device)).toBeNull();
});

it('reaches whoever runs a graph, at once or later', () => {
  const fail = (): never => {
    throw oom;
  };
  const bare = { kind: 'captured', start: () => ({ wait: fail }), run: fail } as unknown as Executor;
  const executor = sayingMemory(bare, { size: 64, batch: 8, estimate: () => null });
  for (const run of [() => executor.run('evaluate', {}), () => executor.start('evaluate', {}).wait()])
    expect(run).toThrow('Evaluating 8 images of 64 px at a time needs more memory than this machine');
});

it.skipIf(engineMissing)('estimates from the graph of the evaluation itself', () => {
  const model = modelEntry('resnet_micro').create({ num_classes: 3, img_size: 32, drop_path_rate: 0, drop_rate: 0 });
  const preprocessing = { size: 32, crop_pct: 1, interpolation: 'bicubic', mean: [0, 0, 0], std: [1, 1, 1] } as const;
  const home = temporary('inference-memory');
  const { executor } = openInference({ home, model, values: {}, preprocessing, batch: 64, threads: 1 });
  const run = vi.spyOn(CapturedExecutor.prototype, 'run').mockImplementation(() => {
    throw oom;
  });
  try {
    const why = expect.stringMatching(/By an estimate, \d+ images at a time fit\.$/) as string;
    expect(() => executor.run('evaluate', {})).toThrow(expect.objectContaining({ why }));
  } finally {
    run.mockRestore();
    executor.dispose();
  }
});
