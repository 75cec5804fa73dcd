import { machineFields } from '../../../shared/schedule-editor/draft-config';
import type { SearchRequest, SearchSpec } from '../../../shared/contract/searches';
import { findDataset } from '../../store/datasets';
import {
  createSearch,
  findSearch,
  listSearches,
  queueSearch,
  reconcileSearches,
  removeSearch,
  requestSearchStop,
} from '../../store/searches';
import type { CallContext, Handlers } from '../core/context';

async function specOf({ store, settings }: CallContext, request: SearchRequest): Promise<SearchSpec> {
  const { searchSpec } = await import('../search/new-search');
  return searchSpec({ dataset: findDataset(store, request.dataset), request, machine: machineFields(settings.get()) });
}

async function start({ home }: CallContext, id: string): Promise<void> {
  const { startWorker } = await import('../processes/worker-process');
  startWorker('searcher', home, id, false);
}

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
    const dataset = findDataset(context.store, request.dataset);
    const samples = trainCount(dataset);
    const { stateRoom } = await import('../search/state-room');
    const { states, needed: bytes, free } = stateRoom(context.home, context.store, { spec, dataset, search: null });
    return {
      ...{ size: spec.base.size, candidates: spec.candidates, budget: spec.budget, ...most },
      hours: searchHours(context.store, spec, most.epochs, samples),
      disk: { states, bytes, free },
    };
  },
  'searches.start': async (context, { request }) => {
    const spec = await specOf(context, request);
    const { refuseFullDisk, stateRoom } = await import('../search/state-room');
    const dataset = findDataset(context.store, request.dataset);
    refuseFullDisk(stateRoom(context.home, context.store, { spec, dataset, search: null }));
    const search = createSearch(context.store, request.name, spec);
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
    const { refuseUnlessStartable } = await import('../search/startable');
    refuseUnlessStartable(context.home, context.store, search);
    queueSearch(context.store, search.id);
    await start(context, search.id);
    return null;
  },
  'searches.remove': async ({ store }, { search: reference }) => {
    const { isBusy, refused } = await import('../search/startable');
    reconcileSearches(store);
    const search = findSearch(store, reference);
    if (isBusy(search) && search.state !== 'completed') throw refused(search, 'removed', 'Stop it first.');
    removeSearch(store, search.id);
    return null;
  },
};
