import { subjects, type Check } from '../check';
import { gainOf, gainWords, type Gain } from '../gains';

/** Measures the gain of products in bfloat16. */
export const check: Check = {
  id: 'autocast',
  run: async ({ quick, start }) => {
    const gains: Record<string, Gain> = {};
    for (const subject of subjects(quick)) {
      const [plain, half] = [await start('gpu', subject), await start('gpu', { ...subject, autocast: true })];
      gains[subject.model] = await gainOf(plain, half, quick ? 1 : 5, quick ? 2 : 10);
      await Promise.all([plain.close(), half.close()]);
    }
    return { state: 'good', text: `A step by engine.autocast: ${gainWords(gains)}.`, figures: gains };
  },
};
