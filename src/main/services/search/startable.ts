/**
 * Says whether a search can be started or resumed: by its state, and by the disk space for the states that it keeps.
 */
import { AppError } from '../../../shared/errors';
import { isResumable } from '../../../shared/run-state';
import type { Store } from '../../store/open';
import { findDataset } from '../../store/datasets';
import type { Search } from '../../store/searches';
import { refuseFullDisk, stateRoom, type StateRoom } from './state-room';

/** Says whether the search is running, about to run, or finished. */
export const isBusy = ({ state }: Search): boolean => !isResumable(state) && state !== 'queued';

export const refused = (search: Search, what: string, next: string): AppError =>
  new AppError({
    code: 'bad_state',
    what: `Search ${search.name} can't be ${what}.`,
    why: `It is ${search.state}.`,
    next,
  });

/**
 * Refuses a search that can't be started. @returns the disk space that it needs @throws AppError bad_state, disk_full,
 * not_found (its dataset was removed)
 */
export function refuseUnlessStartable(home: string, store: Store, search: Search): StateRoom {
  if (isBusy(search)) throw refused(search, 'resumed', 'Only one that was stopped, interrupted or has failed can be.');
  const { id, spec } = search;
  const room = stateRoom(home, store, { spec, dataset: findDataset(store, spec.base.dataset), search: id });
  refuseFullDisk(room);
  return room;
}
