/** Prepares a run's lineage for drawing. Pure. */
import type { Relative, RunDetails } from '../../../shared/contract/runs';

export type LineageNodeFacts = Pick<Relative, 'id' | 'name' | 'task' | 'model' | 'best' | 'size' | 'stages' | 'series'>;

export const nodeOf = ({ id, name, task, model, best, size, stages, series }: Relative): LineageNodeFacts => ({
  ...{ id, name, task, model, best, size, stages, series },
});

export interface LineagePath {
  /** Dataset of the first run of the path; null: it is no longer known. */
  dataset: string | null;
  /** Runs from the oldest ancestor to the run itself. */
  nodes: LineageNodeFacts[];
  /** Finished steps at the checkpoint that each run but the first began with. */
  steps: number[];
}

export function pathOf({ summary, lineage }: Pick<RunDetails, 'summary' | 'lineage'>): LineagePath {
  const oldest = lineage.ancestors.toReversed();
  return {
    dataset: (oldest.length ? oldest[0]?.dataset_name : summary.dataset_name) ?? null,
    nodes: [...oldest.map(nodeOf), summary],
    steps: oldest.map(({ step }) => step),
  };
}

/** Says whether there is anything to draw beside the run itself. */
export const hasRelatives = ({ ancestors, children }: RunDetails['lineage']): boolean =>
  ancestors.length + children.length > 0;
