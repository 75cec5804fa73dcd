import type { CallName, ParsedArgs, Result } from '../../../shared/contract';
import type { Store } from '../../store/open';
import type { GpuMonitor } from '../gpu/gpu-monitor';
import type { Grants } from './grants';
import type { Host } from './host';
import type { JobRunner } from './job-runner';
import type { Scheduler } from './scheduler';
import type { SettingsStore } from '../../store/settings';
import type { Troubles } from './troubles';

/** Objects that a call's handler uses. */
export interface CallContext {
  home: string;
  store: Store;
  host: Host;
  grants: Grants;
  jobs: JobRunner;
  scheduler: Scheduler;
  settings: SettingsStore;
  gpus: GpuMonitor;
  troubles: Troubles;
}

type Noun<N extends string> = Extract<CallName, `${N}.${string}`>;

/**
 * Handlers of one noun's calls: `export const handlers: Handlers<'runs'>` in calls/runs.ts. Their arguments have been
 * parsed, and their results are parsed afterwards.
 */
export type Handlers<N extends string> = {
  [K in Noun<N>]: (context: CallContext, args: ParsedArgs<K>) => Result<K> | Promise<Result<K>>;
};
