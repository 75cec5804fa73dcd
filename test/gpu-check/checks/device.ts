import type { Check } from '../check';
import type { Facts } from '../step-process';

/** Checks whether TensorFlow uses the given GPU. */
export const check: Check = {
  id: 'device',
  run: async ({ quick, gpus, start }) => {
    const side = await start('gpu', { model: quick ? 'resnet_micro' : 'resnet18', size: 32, batch: 8 });
    const { gpu, version } = await side.ask<Facts>({ facts: true });
    const [first] = gpus;
    const figures = { tensorflow: version, gpu: gpu ? (first?.name ?? 'a GPU') : null };
    if (first && gpu) return { state: 'good', text: `TensorFlow ${version} computes on ${first.name}.`, figures };
    if (first) {
      const text = `TensorFlow ${version} does not take ${first.name}. The command doctor, with TF_CPP_MIN_LOG_LEVEL=0, prints why.`;
      return { state: 'bad', text, figures };
    }
    const text = `TensorFlow ${version} finds no GPU here. The checks below run on the processor: they show that the checks work, and nothing of a GPU.`;
    return { state: 'skipped', text, figures };
  },
};
