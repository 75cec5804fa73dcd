/** The best evaluation of a run, as JSON in a column. */
import type { Best } from '../../shared/contract/common';

/**
 * Parses the best evaluation. Earlier versions wrote an evaluation without a figure with a null value: it counts as
 * none.
 */
export function parseBest(text: string | null): Best | null {
  const best = text === null ? null : (JSON.parse(text) as Best | null);
  return best && Number.isFinite(best.value) ? best : null;
}

export const bestText = (best: Best | null): string | null =>
  best && Number.isFinite(best.value) ? JSON.stringify(best) : null;
