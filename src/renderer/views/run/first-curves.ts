/** The curves of a run that is about to be opened: asked for together with its details, not after them. */
import type { Curves } from '../../../shared/contract/metrics';
import { call } from '../../api/client';
import { bucketsToDraw } from '../../charts/use-curves';
import { SERIES_NAMES } from './run-series';

/** Older answers may be of before the run went back to a checkpoint. */
const FRESH_MS = 10_000;

let begun: { run: string; at: number; answer: Promise<Curves> } | null = null;

export function beginCurves(run: string): void {
  const answer = call('metrics.curves', { run, names: SERIES_NAMES, since: null, most: bucketsToDraw() });
  // Told by who takes it; what nobody takes matters to nobody.
  answer.catch(() => undefined);
  begun = { run, at: performance.now(), answer };
}

/** Once; null where none is on its way. */
export function takeCurves(run: string): Promise<Curves> | null {
  const found = begun;
  begun = null;
  return found?.run === run && performance.now() - found.at < FRESH_MS ? found.answer : null;
}
