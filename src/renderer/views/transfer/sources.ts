/** Runs whose weights can be transferred. Pure. */
import type { RunSummary } from '../../../shared/contract/runs';

/** Orders pre-trained ones first. A probe has no encoder of its own, and a run that has not begun has no weights. */
export function sourcesOf(runs: readonly RunSummary[]): RunSummary[] {
  const trained = runs.filter(({ step, task }) => step > 0 && task !== 'probe');
  return [...trained.filter(({ task }) => task === 'mae'), ...trained.filter(({ task }) => task !== 'mae')];
}
