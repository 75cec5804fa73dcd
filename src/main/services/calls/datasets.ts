import type { DatasetInfo } from '../../../shared/contract/datasets';
import { UNLABELLED } from '../../../shared/labels';
import { countOf, sumOf } from '../../../shared/tally';
import { findDataset, listDatasets, runIdsUsing, type Dataset } from '../../store/datasets';
import type { Store } from '../../store/open';
import { namesFile, pageOfSamples, problemsOf } from '../../store/samples';
import { commitReview } from '../datasets/commit-review';
import type { CallContext, Handlers } from '../core/context';
import { isFolder, locateDataset } from '../datasets/dataset-files';
import { isWholeFolder, removeDataset, renameDataset } from '../datasets/datasets';
import { picturesBelow } from '../pictures/pictures-below';
import { presentSample, SAMPLE_NAME, SAMPLE_SCAN, sampleFolder } from '../datasets/sample-dataset';

async function infoOf(
  store: Store,
  { id, name, root, format, created, classes, record }: Dataset,
): Promise<DatasetInfo> {
  const { counts, formats, problems, excluded, sizes, options } = record;
  return {
    ...{ id, name, root, format, created, classes, counts, formats, problems, excluded, sizes },
    ...{ val_drawn: options.val_drawn, present: await isFolder(root), runs: runIdsUsing(store, id).length },
  };
}

/** Returns how many images a split holds, of one class or all, from its record. */
function counted({ classes, record }: Dataset, split: string, label: number | null): number {
  const labels = record.counts[split];
  return label === null ? sumOf(labels) : countOf(labels, classes[label] ?? '');
}

/** Imports of the sample under way, one at a time: a second click waits for the first. */
const importing = new Map<string, Promise<string>>();

async function sample(context: CallContext): Promise<string> {
  const known = await presentSample(context.store);
  if (known) return known.id;
  const { result } = context.jobs.start('scan', { source: sampleFolder(), ...SAMPLE_SCAN }, SAMPLE_NAME);
  return commitReview(context, (await result).review, SAMPLE_NAME);
}

export const handlers: Handlers<'datasets'> = {
  'datasets.list': ({ store }) => Promise.all(listDatasets(store).map((dataset) => infoOf(store, dataset))),
  'datasets.get': ({ store }, { dataset }) => infoOf(store, findDataset(store, dataset)),
  'datasets.problems': ({ store }, { dataset }) => problemsOf(store, findDataset(store, dataset).id),
  'datasets.runs': ({ store }, { dataset }) => runIdsUsing(store, findDataset(store, dataset).id),
  'datasets.rename': ({ store }, { dataset, name }) => {
    renameDataset(store, findDataset(store, dataset), name);
    return null;
  },
  'datasets.locate': async ({ store, grants }, { dataset, folder }) => {
    await locateDataset(store, findDataset(store, dataset), await grants.checkInTime(folder));
    return null;
  },
  'datasets.remove': ({ store }, { dataset, force }) => {
    removeDataset(store, findDataset(store, dataset), force);
    return null;
  },
  'datasets.images': ({ store }, { dataset: reference, ...page }) => {
    const dataset = findDataset(store, reference);
    const { total, rows } = pageOfSamples(store, dataset.id, page);
    const images = rows.map(({ path, label, width, height, bytes }) => ({
      ...{ path, width, height, bytes },
      label: label === UNLABELLED ? null : label,
    }));
    return { total: total ?? counted(dataset, page.split, page.label), images };
  },
  'datasets.thumbnails': (context, { dataset: reference, paths, size }) => {
    const dataset = findDataset(context.store, reference);
    const holds = (path: string): boolean => isWholeFolder(dataset) || namesFile(context.store, dataset, path);
    return picturesBelow(context, { root: dataset.root, holds }, paths, size);
  },
  'datasets.sample': async (context) => {
    const current = importing.get(context.home) ?? sample(context).finally(() => importing.delete(context.home));
    importing.set(context.home, current);
    return { dataset: await current };
  },
};
