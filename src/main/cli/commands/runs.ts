import { shownState } from '../../../shared/run-state';
import { filterRuns, withHome } from '../../services/runs/runs';
import { findDataset, listDatasets } from '../../store/datasets';
import type { Command } from '../command';
import { duration, NONE, table } from '../format';
import { needPositionals, textOption } from '../options';
import { measuredText, runJson } from '../run-text';

export const command: Command = {
  name: 'runs',
  summary: 'List runs, newest first.',
  positionals: '',
  options: {
    state: { type: 'string', value: 'STATE', description: 'only runs in this state, e.g. running or completed' },
    dataset: { type: 'string', value: 'DATASET', description: 'only runs on this dataset' },
    model: { type: 'string', value: 'MODEL', description: 'only runs of this model' },
  },
  examples: ['efficienttrain runs', 'efficienttrain runs --state completed --model resnet18'],
  run: ({ positionals, values, home }) =>
    withHome(home, (store) => {
      needPositionals('runs', positionals, 0);
      const dataset = textOption(values, 'dataset');
      const runs = filterRuns(store, {
        state: textOption(values, 'state'),
        model: textOption(values, 'model'),
        dataset: dataset === undefined ? undefined : findDataset(store, dataset).id,
      });
      const names = new Map(listDatasets(store).map(({ id, name }) => [id, name]));
      const rows = runs.map(
        ({ id, name, state, queue_position, step, steps, best, model, dataset_id, wall_seconds, created }) => [
          ...[
            id,
            name,
            shownState({ state, queue_position }),
            `${step}/${steps}`,
            best ? measuredText(best) : NONE,
            model,
            names.get(dataset_id) ?? dataset_id,
            duration(wall_seconds),
            created.slice(0, 16).replace('T', ' '),
          ],
        ],
      );
      const head = ['id', 'name', 'state', 'step', 'best', 'model', 'dataset', 'trained', 'created'];
      const none = 'No such runs. Start one: efficienttrain train --dataset DATASET --model MODEL';
      return { json: { runs: runs.map(runJson) }, text: rows.length ? table(head, rows) : none };
    }),
};
