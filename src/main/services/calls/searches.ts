import { machineFields } from '../../../shared/schedule-editor/draft-config';
import type { SearchRequest, SearchSpec } from '../../../shared/contract/searches';
import { isResumable } from '../../../shared/run-state';
import { AppError } from '../../../shared/errors';
import { findDataset } from '../../store/datasets';
import {
  createSearch,
  findSearch,
  listSearches,
  reconcileSearches,
  removeSearch,
  requestSearchStop,
  type Search,
} from '../../store/searches';
import type { CallContext, Handlers } from '../core/context';

async function specOf({ store, settings }: CallContext, request: SearchRequest): Promise<SearchSpec> {
  const { searchSpec } = await import('../search/new-search');
  return searchSpec({ dataset: findDataset(store, request.dataset), request, machine: machineFields(settings.get()) });
}

async function start({ home }: CallContext, id: string): Promise<void> {
  const { startSearcher } = await import('../search/searcher-process');
  void startSearcher(home, id, false);
}

/** Whether it is searching, or is about to. */
const isBusy = ({ state }: Search): boolean => !isResumable(state) && state !== 'queued';

const refused = (search: Search, what: string, next: string): AppError =>
  new AppError({
    code: 'bad_state',
    what: `Search ${search.name} can't be ${what}.`,
    why: `It is ${search.state}.`,
    next,
  });

export const handlers: Handlers<'searches'> = {
  'searches.list': async ({ store }) => {
    const { searchDetails } = await import('../search/details');
    reconcileSearches(store);
    return listSearches(store).map((search) => searchDetails(store, search));
  },
  'searches.get': async ({ store }, { search }) => {
    const { searchDetails } = await import('../search/details');
    reconcileSearches(store);
    return searchDetails(store, findSearch(store, search));
  },
  'searches.estimate': async (context, { request }) => {
    const { mostOf } = await import('../search/new-search');
    const { searchHours } = await import('../search/search-hours');
    const { trainCount } = await import('../runs/configs');
    const spec = await specOf(context, request);
    const most = mostOf(spec);
    const samples = trainCount(findDataset(context.store, request.dataset));
    return {
      ...{ size: spec.base.size, candidates: spec.candidates, budget: spec.budget, ...most },
      hours: searchHours(context.store, spec, most.epochs, samples),
    };
  },
  'searches.start': async (context, { request }) => {
    const search = createSearch(context.store, request.name, await specOf(context, request));
    await start(context, search.id);
    return { search: search.id };
  },
  'searches.stop': ({ store }, { search }) => {
    reconcileSearches(store);
    requestSearchStop(store, findSearch(store, search));
    return null;
  },
  'searches.resume': async (context, { search: reference }) => {
    reconcileSearches(context.store);
    const search = findSearch(context.store, reference);
    if (isBusy(search))
      throw refused(search, 'resumed', 'Only one that was stopped, interrupted or has failed can be.');
    await start(context, search.id);
    return null;
  },
  'searches.remove': ({ store }, { search: reference }) => {
    reconcileSearches(store);
    const search = findSearch(store, reference);
    if (isBusy(search) && search.state !== 'completed') throw refused(search, 'removed', 'Stop it first.');
    removeSearch(store, search.id);
    return null;
  },
};
