import { join } from 'node:path';
import { AppError } from '../../../shared/errors';
import { isUnlabelled, UNLABELLED } from '../../../shared/labels';
import { lineField } from '../../../shared/line-field';
import { countOf, sumOf, type Tally } from '../../../shared/tally';
import { locateDataset } from '../../services/datasets/dataset-files';
import { removeDataset } from '../../services/datasets/datasets';
import { openHome } from '../../services/runs/runs';
import { findDataset, listDatasets, runsUsing, type Dataset } from '../../store/datasets';
import { problemsOf, samplesOf } from '../../store/samples';
import type { Command } from '../command';
import { table } from '../format';
import { layoutLines } from '../layout-lines';
import { splitTable } from '../split-table';
import { needPositionals } from '../options';
import { SPLITS } from '../../../shared/splits';

const images = (dataset: Dataset, split: string): number => sumOf(dataset.record.counts[split]);

const summary = (dataset: Dataset): Record<string, unknown> => ({
  id: dataset.id,
  name: dataset.name,
  root: dataset.root,
  format: dataset.format,
  created: dataset.created,
  classes: dataset.classes,
  counts: dataset.record.counts,
});

function describe(dataset: Dataset, runs: string[]): string {
  const { record } = dataset;
  const list = (counts: Tally): string =>
    Object.entries(counts)
      .map(([key, count]) => `${count} ${key}`)
      .join(', ') || 'none';
  const rows = dataset.classes.map((label) => [
    label,
    ...SPLITS.map((split) => String(countOf(record.counts[split], label))),
  ]);
  const counts = isUnlabelled(dataset) ? splitTable(record.counts) : table(['class', ...SPLITS], rows);
  return [
    `${dataset.name} (${dataset.id})`,
    `  folder    ${dataset.root}`,
    `  imported  ${dataset.created}, as ${dataset.format}`,
    `  formats   ${list(record.formats)}; sides ${record.sizes.smallest} to ${record.sizes.largest} px`,
    `  problems  ${list(record.problems)}`,
    `  left out  ${list(record.excluded)}`,
    `  runs      ${runs.join(', ') || 'none'}`,
    ...layoutLines(dataset).map((line) => `  ${line}`),
    '',
    counts,
  ].join('\n');
}

export const command: Command = {
  name: 'datasets',
  summary: 'List datasets; show one or its files, locate one that has moved, or remove its record.',
  positionals: '[show|files|locate|remove DATASET [FOLDER]]',
  options: { force: { type: 'boolean', description: 'remove a dataset although runs use it' } },
  examples: ['efficienttrain datasets', 'efficienttrain datasets locate birds /data/birds'],
  run: async ({ positionals, values, home }) => {
    const store = openHome(home);
    const [action, reference = ''] = positionals;
    if (action === undefined) {
      const all = listDatasets(store);
      const rows = all.map((dataset) => [
        dataset.id,
        dataset.name,
        isUnlabelled(dataset) ? 'no labels' : String(dataset.classes.length),
        String(images(dataset, 'train')),
        String(images(dataset, 'val')),
        dataset.root,
      ]);
      return {
        json: { datasets: all.map(summary) },
        text: all.length
          ? table(['id', 'name', 'classes', 'train', 'val', 'folder'], rows)
          : 'No datasets yet. Import one: efficienttrain import FOLDER',
      };
    }
    if (!['show', 'files', 'locate', 'remove'].includes(action))
      throw new AppError({
        code: 'usage',
        what: `datasets can't ${action}.`,
        why: 'It can show, files, locate and remove.',
        next: 'Run `efficienttrain datasets --help`.',
      });
    needPositionals('datasets', positionals, action === 'locate' ? 3 : 2);
    const dataset = findDataset(store, reference);
    if (action === 'files') {
      const files = Object.fromEntries(
        Object.keys(dataset.record.counts).map((split) => [
          split,
          Array.from(samplesOf(store, dataset.id, split), ({ path, label }): [string, number | null] => [
            join(dataset.root, path),
            label === UNLABELLED ? null : label,
          ]),
        ]),
      );
      return {
        json: { files },
        text: Object.entries(files)
          .flatMap(([split, rows]) =>
            rows.map(([path, label]) =>
              [split, dataset.classes[label ?? UNLABELLED] ?? '', path].map(lineField).join('\t'),
            ),
          )
          .join('\n'),
      };
    }
    if (action === 'locate') {
      await locateDataset(store, dataset, positionals[2] ?? '');
      const moved = findDataset(store, dataset.id);
      return { json: { dataset: summary(moved) }, text: `${moved.name} is now at ${moved.root}.` };
    }
    if (action === 'remove') {
      removeDataset(store, dataset, values['force'] === true);
      return {
        json: { dataset: summary(dataset) },
        text: `The record of ${dataset.name} was removed. Its files were not touched.`,
      };
    }
    return {
      json: {
        dataset: { ...summary(dataset), record: dataset.record },
        problems: problemsOf(store, dataset.id),
        runs: runsUsing(store, dataset.id),
      },
      text: describe(dataset, runsUsing(store, dataset.id)),
    };
  },
};
