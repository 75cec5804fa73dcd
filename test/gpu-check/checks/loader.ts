import type { Check, Verdict } from '../check';
import { importSample, trainSample, type RealRun } from '../real-run';

/** A stage that waits for images for a larger share of its time is limited by the processor. */
const MUCH = 0.2;

export function judged({ device, stages, state }: RealRun, gpu: boolean): Verdict {
  const waits = stages.map(({ bandwidth, seconds, compute_seconds }) => ({
    bandwidth,
    wait: seconds > 0 ? Math.max(0, 1 - compute_seconds / seconds) : 0,
  }));
  const figures = { device, stages: waits, state };
  if (state !== 'completed') return { state: 'bad', text: `A run of the sample ended as ${state}.`, figures };
  if (gpu && device?.kind === 'cpu')
    return { state: 'bad', text: 'A real run trained on the processor though there is a GPU.', figures };
  const told = waits.map(({ bandwidth, wait }) => `${Math.round(100 * wait)} % at ${bandwidth} px`).join(', ');
  const slow = waits.some(({ wait }) => wait > MUCH)
    ? ' More data.workers, or larger images on faster disks, would help.'
    : '';
  return { state: 'good', text: `A real run waits for images, of each stage's time: ${told}.${slow}`, figures };
}

/** Checks whether a real run uses the device, and how long it waits for images. */
export const check: Check = {
  id: 'loader',
  run: async (context) => {
    await importSample(context, 'gpu-check');
    return judged(await trainSample(context, 'gpu-check'), context.gpus.length > 0);
  },
};
