import type { Check } from '../check';
import { importSample, trainSample } from '../real-run';

/** Trains two runs at once on two GPUs. */
export const check: Check = {
  id: 'two-runs',
  run: async (context) => {
    if (context.gpus.length < 2) return { state: 'skipped', text: 'Two runs at once need two GPUs.' };
    await importSample(context, 'gpu-check-two');
    const names = context.gpus.slice(0, 2).map(({ index }) => `gpu:${index}`);
    const runs = await Promise.all(names.map((name) => trainSample(context, 'gpu-check-two', name)));
    const took = runs.map(({ device }) =>
      device?.kind === 'gpu' ? `gpu:${device.index}` : (device?.kind ?? 'nothing'),
    );
    const figures = { asked: names, took, states: runs.map(({ state }) => state) };
    if (took.join() === names.join() && runs.every(({ state }) => state === 'completed'))
      return { state: 'good', text: `Two runs at once trained on ${names.join(' and ')}.`, figures };
    return {
      state: 'bad',
      text: `Two runs at once were given ${names.join(' and ')} and took ${took.join(' and ')}.`,
      figures,
    };
  },
};
