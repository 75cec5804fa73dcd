/** The calls of the actions on runs, and those that undo them. */
import { call } from '../../api/client';
import type { Action } from './actions';
import type { Work } from './use-undoing';

/** Moves to the archive or the trash, or back. */
export const MOVES = ['archive', 'unarchive', 'trash', 'restore'] as const;
export type Move = (typeof MOVES)[number];

/** Calls made separately for each run. */
const EACH = { pause: 'runs.pause', stop: 'runs.stop', resume: 'runs.start', start: 'runs.start' } as const;
export type Each = keyof typeof EACH;

export const isMove = (action: Action): action is Move => MOVES.some((move) => move === action);
export const isEach = (action: Action): action is Each => Object.hasOwn(EACH, action);

const archiving =
  (runs: string[], archived: boolean): Work =>
  () =>
    call('runs.archive', { runs, archived });
const trashing =
  (runs: string[], trashed: boolean): Work =>
  () =>
    call('runs.trash', { runs, trashed });

/** Returns the call and the call that undoes it. */
export function moving(move: Move, runs: string[]): { work: Work; undo: Work } {
  if (move === 'archive' || move === 'unarchive')
    return { work: archiving(runs, move === 'archive'), undo: archiving(runs, move !== 'archive') };
  return { work: trashing(runs, move === 'trash'), undo: trashing(runs, move !== 'trash') };
}

export const asking =
  (action: Each, run: string): Work =>
  () =>
    call(EACH[action], { run });

export const renaming =
  (run: string, name: string): Work =>
  () =>
    call('runs.rename', { run, name });

export const tagging =
  (run: string, tags: string[]): Work =>
  () =>
    call('runs.annotate', { run, tags });

/** Puts `runs` after those that wait already. */
export const enqueueing =
  (waiting: readonly string[], runs: readonly string[]): Work =>
  () =>
    call('runs.queue', { order: [...waiting, ...runs] });

export const unqueueing =
  (runs: string[]): Work =>
  () =>
    call('runs.queue', { order: [], remove: runs });

export const purging =
  (runs: string[]): Work =>
  () =>
    call('runs.purge', { runs });
