/** Actions on runs, by their state. */
import { isLive, isResumable } from '../../../shared/run-state';
import type { RunSummary } from '../../../shared/contract/runs';

export const ACTIONS = [
  'pause',
  'resume',
  'start',
  'stop',
  'enqueue',
  'unqueue',
  'finetune',
  'probe',
  'clone',
  'export',
  'archive',
  'unarchive',
  'trash',
  'restore',
  'purge',
] as const;
export type Action = (typeof ACTIONS)[number];

/** Actions on exactly one run. */
export const SINGLE: readonly Action[] = ['finetune', 'probe', 'clone', 'export'];

const TESTS: Record<Action, (run: RunSummary) => boolean> = {
  pause: ({ state }) => state === 'preparing' || state === 'running',
  resume: ({ state }) => isResumable(state),
  start: ({ state }) => state === 'queued',
  stop: ({ state }) => state === 'queued' || (isLive(state) && state !== 'stopping'),
  enqueue: ({ state, queue_position }) => state === 'queued' && queue_position === null,
  // A paused run keeps its place.
  unqueue: ({ state, queue_position }) => queue_position !== null && (state === 'queued' || state === 'paused'),
  // A probe's own weights are a classifier on an encoder that another run has trained.
  finetune: ({ step, task }) => step > 0 && task !== 'probe',
  probe: ({ step, task }) => step > 0 && task !== 'probe',
  clone: () => true,
  export: ({ step }) => step > 0,
  archive: ({ archived }) => !archived,
  unarchive: ({ archived }) => archived,
  trash: ({ state }) => !isLive(state),
  restore: () => false,
  purge: () => false,
};

export function allows(run: RunSummary, action: Action): boolean {
  if (run.trashed !== null) return action === 'restore' || action === 'purge';
  return TESTS[action](run);
}

/** Returns actions that at least one of the runs allows, in the order of ACTIONS. */
export const actionsOf = (runs: readonly RunSummary[]): Action[] =>
  ACTIONS.filter(
    (action) => (runs.length === 1 || !SINGLE.includes(action)) && runs.some((run) => allows(run, action)),
  );
