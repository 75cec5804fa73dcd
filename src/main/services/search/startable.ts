/** Whether a search can be begun or gone on with: what it is doing, and the room for what it keeps. */
import { AppError } from '../../../shared/errors';
import { isResumable } from '../../../shared/run-state';
import type { Store } from '../../store/open';
import { findDataset } from '../../store/datasets';
import type { Search } from '../../store/searches';
import { refuseFullDisk, stateRoom, type StateRoom } from './state-room';

/** Whether it is searching, is about to, or is done. */
export const isBusy = ({ state }: Search): boolean => !isResumable(state) && state !== 'queued';

export const refused = (search: Search, what: string, next: string): AppError =>
  new AppError({
    code: 'bad_state',
    what: `Search ${search.name} can't be ${what}.`,
    why: `It is ${search.state}.`,
    next,
  });

/** @returns the room that it needs @throws AppError bad_state, disk_full, not_found (its dataset was removed) */
export function refuseUnlessStartable(home: string, store: Store, search: Search): StateRoom {
  if (isBusy(search)) throw refused(search, 'resumed', 'Only one that was stopped, interrupted or has failed can be.');
  const { id, spec } = search;
  const room = stateRoom(home, store, { spec, dataset: findDataset(store, spec.base.dataset), search: id });
  refuseFullDisk(room);
  return room;
}
