/** Makes rows of the runs table as a host sends them. */
import type { RunSummary } from '../../../src/shared/contract/runs';
import { RUN_STATES } from '../../../src/shared/run-state';

export const run = (fields: Partial<RunSummary> = {}): RunSummary => ({
  ...{
    id: 'a',
    name: 'deit-96',
    state: 'completed',
    dataset: 'd1',
    dataset_name: 'flowers',
    task: 'classify',
    model: 'deit_tiny',
    size: 224,
  },
  ...{
    preset: 'efficienttrain++',
    seed: 0,
    created: '2026-01-01T00:00:00Z',
    started: null,
    ended: null,
    step: 10,
    steps: 10,
  },
  ...{ best: null, wall_seconds: 60, equivalent_epochs: 100, progress: null, error: null, tags: [], archived: false },
  ...{
    trashed: null,
    queue_position: null,
    series: 0,
    stages: [[224, 9, 1]],
    stage_ends: [10],
    init: null,
    parent: null,
  },
  ...fields,
});

const MODELS = ['deit_tiny', 'resnet50', 'convnext_tiny', 'swin_tiny'];

export const many = (count: number): RunSummary[] =>
  Array.from({ length: count }, (_, at) =>
    run({
      ...{ id: `run${at}`, name: `experiment-${at}`, state: RUN_STATES[at % RUN_STATES.length] as RunSummary['state'] },
      ...{
        model: MODELS[at % MODELS.length] as string,
        dataset: `d${at % 7}`,
        dataset_name: `data ${at % 7}`,
        seed: at % 5,
      },
      ...{ created: new Date(1.7e12 + at * 60_000).toISOString(), tags: at % 3 ? [] : [`sweep-${at % 11}`, 'keep'] },
      ...{
        best: at % 4 ? { metric: 'val/top1', value: ((at * 7919) % 1000) / 1000, step: at } : null,
        archived: at % 10 === 9,
      },
    }),
  );
