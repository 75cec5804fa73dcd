import { subjects, type Check, type Verdict } from '../check';
import type { Steps } from '../step-process';

const MIB = 2 ** 20;
const STEPS = 200;
/** After this many steps all the memory of a step has been allocated. */
const WARM = 20;
/** Memory that other programs on a desktop's GPU may take or free meanwhile. */
const SLACK = 64 * MIB;
/** Above this share of the GPU's memory from the beginning, the whole of it was allocated. */
const WHOLE = 0.8;

export interface Use {
  /** Bytes after the first steps, and after all. */
  warm: number;
  end: number;
  /** The GPU's memory; null: the process runs on the processor. */
  total: number | null;
  steps: number;
}

export function judged({ warm, end, total, steps }: Use): Verdict {
  const figures = { warm_bytes: warm, end_bytes: end, total_bytes: total, steps };
  const mib = (bytes: number): string => `${Math.round(bytes / MIB)} MiB`;
  if (total !== null && warm > WHOLE * total)
    return {
      state: 'bad',
      text: `TensorFlow has taken ${mib(warm)} of ${mib(total)} at once: allow_growth is not obeyed.`,
      figures,
    };
  const grown = end - warm;
  const text = `${mib(warm)} after the first steps, ${grown > 0 ? `${mib(grown)} more` : 'no more'} after ${steps}`;
  if (grown > Math.max(SLACK, 0.02 * warm)) return { state: 'bad', text: `Memory grows: ${text}.`, figures };
  return { state: 'good', text: `Memory is taken as it is needed and does not grow: ${text}.`, figures };
}

/** Checks whether memory is allocated as needed, and doesn't grow. */
export const check: Check = {
  id: 'memory',
  run: async ({ quick, gpus, start, memoryUsed }) => {
    const [subject] = subjects(quick);
    if (!subject) throw new Error('there is nothing to measure with');
    const before = (await memoryUsed()) ?? 0;
    const side = await start('gpu', { ...subject, batch: quick ? subject.batch : 16 });
    const steps = quick ? 60 : STEPS;
    const used = async (count: number): Promise<number> => {
      const { rss } = await side.ask<Steps>({ steps: count });
      const now = await memoryUsed();
      return now === null ? rss : now - before;
    };
    const warm = await used(WARM);
    return judged({ warm, end: await used(steps - WARM), total: gpus[0]?.memory_total ?? null, steps });
  },
};
