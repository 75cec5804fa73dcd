/** Fetches the curves of a run that is about to be opened together with its details, not after them. */
import type { Curves } from '../../../shared/contract/metrics';
import { call } from '../../api/client';
import { bucketsToDraw } from '../../charts/use-curves';
import { SERIES_NAMES } from './run-series';

/** An older answer may be from before the run went back to a checkpoint. */
const FRESH_MS = 10_000;

let begun: { run: string; at: number; answer: Promise<Curves> } | null = null;

export function beginCurves(run: string): void {
  const answer = call('metrics.curves', { run, names: SERIES_NAMES, since: null, most: bucketsToDraw() });
  // The caller that takes the answer reports its errors; nobody needs those of an unused one.
  answer.catch(() => undefined);
  begun = { run, at: performance.now(), answer };
}

/** Takes the answer once; null where none is under way. */
export function takeCurves(run: string): Promise<Curves> | null {
  const found = begun;
  begun = null;
  return found?.run === run && performance.now() - found.at < FRESH_MS ? found.answer : null;
}
