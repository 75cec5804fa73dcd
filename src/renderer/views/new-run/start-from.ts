/** The initial weights of a draft. Pure. */
import type { DraftBody } from '../../../shared/contract/drafts';
import type { ModelInfo } from '../../../shared/contract/models';
import type { RunSummary } from '../../../shared/contract/runs';

/** Represents random weights in a list of choices. */
export const RANDOM = 'random';

/** Returns the draft's `init`; null: random weights. */
export function initOf({ overrides }: Pick<DraftBody, 'overrides'>): string | null {
  const { init } = overrides;
  return typeof init === 'string' && init !== '' ? init : null;
}

/** Returns runs with trained weights that fit the model, newest first; a probe has none of its own. */
export function fittingRuns(
  runs: readonly RunSummary[],
  models: readonly ModelInfo[],
  { id }: ModelInfo,
  task: string,
): readonly RunSummary[] {
  const fits = (run: RunSummary): boolean =>
    task === 'mae' ? run.model === id : models.find((model) => model.id === run.model)?.classifier === id;
  return runs.filter((run) => run.step > 0 && run.task !== 'probe' && fits(run));
}
