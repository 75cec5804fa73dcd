/** The one state machine of a run (docs/architecture.md). Persisted and shown in lower case. */
export const RUN_STATES = [
  'draft',
  'queued',
  'preparing',
  'running',
  'pausing',
  'paused',
  'completed',
  'failed',
  'stopping',
  'stopped',
  'interrupted',
] as const;

export type RunState = (typeof RUN_STATES)[number];

/**
 * The states of `RUN_STATES`, where a queued run differs from one that is in no queue: made without one, taken out of
 * it or restored from the trash.
 */
export const SHOWN_STATES = ['draft', 'not_started', ...RUN_STATES.slice(1)] as readonly ('not_started' | RunState)[];

export type ShownState = (typeof SHOWN_STATES)[number];

export const shownState = ({
  state,
  queue_position,
}: {
  state: RunState;
  queue_position: number | null;
}): ShownState => (state === 'queued' && queue_position === null ? 'not_started' : state);

/** States in which a trainer process owns the run. */
export const LIVE_STATES: readonly RunState[] = ['preparing', 'running', 'pausing', 'stopping'];

/** States from which `resume` continues. */
export const RESUMABLE_STATES: readonly RunState[] = ['paused', 'stopped', 'interrupted', 'failed'];

export const isLive = (state: RunState): boolean => LIVE_STATES.includes(state);
export const isResumable = (state: RunState): boolean => RESUMABLE_STATES.includes(state);
