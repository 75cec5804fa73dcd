/** Lists what waits for the user and no other screen reports. */
import type { DatasetInfo } from '../../../shared/contract/datasets';
import type { Machine } from '../../../shared/contract/machine';
import type { RunSummary } from '../../../shared/contract/runs';
import { LITTLE_DISK } from '../../../shared/little-disk';

export type Attention =
  | { kind: 'engine'; key: string }
  | { kind: 'disk'; key: string; free: number }
  | { kind: 'moved'; key: string; dataset: DatasetInfo }
  | { kind: 'interrupted' | 'failed'; key: string; run: RunSummary };

export interface AttentionFacts {
  runs: readonly RunSummary[];
  datasets: readonly DatasetInfo[];
  machine: Machine | null;
}

/** Orders the items: what stops everything first, then what stops a dataset, then single runs, newest first. */
export function attentionOf({ runs, datasets, machine }: AttentionFacts): Attention[] {
  const of = (state: 'interrupted' | 'failed'): Attention[] =>
    runs
      .filter((run) => run.state === state && !run.archived && run.trashed === null)
      .map((run) => ({ kind: state, key: run.id, run }));
  return [
    ...(machine && machine.free_disk < LITTLE_DISK
      ? [{ kind: 'disk' as const, key: 'disk', free: machine.free_disk }]
      : []),
    ...(machine?.engine === 'tfjs-cpu' ? [{ kind: 'engine' as const, key: 'engine' }] : []),
    ...datasets
      .filter(({ present }) => !present)
      .map((dataset) => ({ kind: 'moved' as const, key: dataset.id, dataset })),
    ...of('interrupted'),
    ...of('failed'),
  ];
}
