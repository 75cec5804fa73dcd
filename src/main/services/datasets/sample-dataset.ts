/** The bundled sample. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { appRoot } from '../../base/entry';
import { listDatasets, type Dataset } from '../../store/datasets';
import type { Store } from '../../store/open';
import { locateDataset } from './dataset-files';

export const SAMPLE_NAME = 'sign-digits';
export const sampleFolder = (): string => join(appRoot(), 'resources', 'sample', SAMPLE_NAME);

/** Options of its import; its splits are given. */
export const SAMPLE_SCAN = { val_split: 0.2, seed: 0 };

/**
 * Returns the sample where it has been imported. If the program has moved since, the sample is pointed at the program's
 * new place, where its files are the same.
 */
export async function presentSample(store: Store): Promise<Dataset | null> {
  const datasets = listDatasets(store);
  const own = datasets.find(({ root }) => root === sampleFolder());
  if (own) return own;
  for (const dataset of datasets) {
    if (!dataset.root.endsWith(join('sample', SAMPLE_NAME)) || existsSync(dataset.root)) continue;
    const fits = await locateDataset(store, dataset, sampleFolder()).catch(() => null);
    if (fits) return { ...dataset, root: fits };
  }
  return null;
}
