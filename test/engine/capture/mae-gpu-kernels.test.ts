/** Every node of a masked autoencoder's graphs has a GPU kernel, for pixels and for HOG. */
import { describe, expect, it } from 'vitest';
import { applyPasses, passesFor } from '../../../src/main/engine/capture/passes';
import { traceProgram } from '../../../src/main/engine/capture/tracer';
import { signatureOfFeatures } from '../../../src/main/engine/inference/features';
import { similaritySignature } from '../../../src/main/engine/inference/similarities';
import { modelEntries } from '../../../src/main/engine/models';
import { hogDim, hogTargets } from '../../../src/main/engine/tasks/mae/hog-targets';
import { lossOfImages, maskedLoss } from '../../../src/main/engine/tasks/mae/masked-loss';
import { pixelTargets } from '../../../src/main/engine/tasks/mae/pixel-targets';
import type { Context, MaskedAutoencoder, Program, Tensor, TensorInfo } from '../../../src/main/engine/types';
import { visiblePatches } from '../../../src/shared/visible-patches';
import { engineMissing, loaded } from '../../support/engine';
import { throughHostMemory, withoutGpuKernel } from '../../support/gpu-kernels';

type Inputs = Record<'x' | 'ids_keep' | 'ids_restore' | 'mask', Tensor>;

const BATCH = 2;
const VIEW = { lowFrequencyMode: 'crop', mean: [0.5, 0.5, 0.5], std: [0.2, 0.2, 0.2] } as const;

/** Builds a program with gradients, losses of each image, and features at the stage's size. */
function programOf(model: MaskedAutoencoder, size: number, target: 'pixels' | 'hog'): Program {
  const { patch, params } = model;
  const length = (size / patch) ** 2;
  const inputs: Record<keyof Inputs, TensorInfo> = {
    x: { shape: [BATCH, size, size, 3], dtype: 'float32' },
    ids_keep: { shape: [BATCH, visiblePatches(length, 0.75)], dtype: 'int32' },
    ids_restore: { shape: [BATCH, length], dtype: 'int32' },
    mask: { shape: [BATCH, length], dtype: 'float32' },
  };
  const body = (context: Context, values: Record<string, Tensor>): Record<string, Tensor> => {
    const { x, ids_keep: idsKeep, ids_restore: idsRestore, mask } = values as Inputs;
    const wanted = target === 'hog' ? hogTargets(context, x, patch) : pixelTargets(context, x, patch, true);
    let prediction: Tensor | undefined;
    const loss = (): Tensor => {
      const latent = model.encodeVisible(context, x, idsKeep, { training: true });
      prediction = context.tf.keep(model.decode(context, latent, { idsKeep, idsRestore }, { training: true }));
      return maskedLoss(context, prediction, wanted, mask);
    };
    const variables = params.filter(({ trainable }) => trainable).map(({ name }) => context.variable(name));
    const { value, grads } = context.tf.variableGrads(loss as never, variables as never);
    const each = lossOfImages(context, prediction as unknown as Tensor, wanted, mask);
    const { features } = model.encode(context, x, { training: false });
    const gradients = variables.map((variable, index): [string, Tensor] => [
      `${index}`,
      grads[variable.name] as Tensor,
    ]);
    return { loss: value, each, features, ...Object.fromEntries(gradients) };
  };
  return {
    variables: Object.fromEntries(params.map(({ name, shape }) => [name, { shape, dtype: 'float32' }])),
    signatures: {
      step: { inputs, body },
      // k-NN needs these signatures, too.
      features: signatureOfFeatures({ model, batch: BATCH, feature: 'cls', view: { ...VIEW, size } }),
      similarities: similaritySignature(model.numFeatures),
    },
  };
}

describe.skipIf(engineMissing).each(modelEntries('mae').map((entry) => ({ id: entry.id, entry })))(
  'a GPU has a kernel for $id',
  ({ entry }) => {
    it.each(['pixels', 'hog'] as const)('predicting %s', (target) => {
      const size = 4 * entry.sizes.step;
      const patch = entry.sizes.step;
      const mae = { positions: 'resample', ...(target === 'hog' ? { target_dim: hogDim(patch) } : {}) } as const;
      const options = { num_classes: 0, img_size: size, drop_path_rate: 0, drop_rate: 0, mae };
      const model = entry.create(options) as MaskedAutoencoder;
      for (const side of [size, size - patch]) {
        const graph = traceProgram(programOf(model, side, target), loaded.tf, loaded.backend!, { kernels: false });
        const { nodes } = applyPasses(graph, passesFor([]));
        expect(nodes.length).toBeGreaterThan(100);
        expect(withoutGpuKernel(nodes)).toEqual([]);
        expect(throughHostMemory(nodes)).toEqual([]);
      }
    });
  },
);
