/** Chooses the news of runs for the system's notifications. */
import { metricOf } from '../../shared/metrics';
import { shareDone } from '../../shared/run-progress';
import type { CoreOptions } from '../services/core/core';
import type { LiveProgress } from '../store/live-progress';
import type { Strings } from './strings';

export type EndedRun = Parameters<NonNullable<CoreOptions['onRunEnd']>>[0];

/** Returns the mean share of compute of all runs that train now; null where none does. */
export const progressOf = (live: readonly LiveProgress[]): number | null =>
  live.length ? live.reduce((sum, run) => sum + shareDone(run), 0) / live.length : null;

/** Formats a share in percent, another figure with four digits. */
const valueOf = ({ metric, value }: NonNullable<EndedRun['best']>): string =>
  metricOf(metric).unit === 'fraction' ? `${(value * 100).toFixed(1)} %` : String(Number(value.toPrecision(4)));

/** Returns null for an end that the user asked for, which is no news. */
export function messageOf(
  { name, state, best, error }: EndedRun,
  strings: Strings,
): { title: string; body: string } | null {
  if (state === 'completed') {
    const body = best ? strings.best(name, best.metric, valueOf(best)) : name;
    return { title: strings.runCompleted, body };
  }
  if (state === 'failed') return { title: strings.runFailed, body: error ? `${name}: ${error.what}` : name };
  return state === 'interrupted' ? { title: strings.runInterrupted, body: strings.resumable(name) } : null;
}
