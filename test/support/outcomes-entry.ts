import { OutcomeRecorder, outcomesDetail } from '../../src/main/engine/tasks/outcomes';
import type { Entry } from '../../src/main/store/entries';

/**
 * Returns an evaluation's entry of its images' outcomes. @param images a letter each: `+` right, `-` wrong, `?` not
 * read
 */
export function outcomesEntry(step: number, weights: 'raw' | 'ema', images: string): Entry {
  const recorder = new OutcomeRecorder();
  for (const image of images) recorder.add(image === '?' ? null : image === '+');
  const { kind: detail, json, blob } = outcomesDetail(recorder.result());
  return { kind: 'evaluation', step, weights, detail, json, blob };
}
