/** Reads `train --branch RUN@K`: the values that the new run takes from the run that it branches from. */
import { parseBranch } from '../../shared/curriculum/branch';
import type { RunConfig } from '../../shared/run-config';
import type { Store } from '../store/open';
import { findRun } from '../store/runs';

export interface BranchRequest {
  /** Id of the parent's dataset. */
  dataset: string;
  /** Id of the parent's model. */
  model: string;
  /** The rest of the parent's configuration. */
  base: Partial<RunConfig>;
}

/** Fields of the parent's name and origin. */
const OWN = new Set(['name', 'init', 'init_key', 'branch']);

/**
 * Returns null where no branch is asked for. A text that names no end of a stage is left to `createBranch`, which
 * reports what is wrong. @throws AppError not_found, ambiguous
 */
export function branchRequest(store: Store, branch: string | undefined): BranchRequest | null {
  const named = branch === undefined ? null : parseBranch(branch);
  if (!named) return null;
  const { config } = findRun(store, named.run);
  const { dataset, model, ...rest } = config;
  const base = Object.fromEntries(Object.entries(rest).filter(([field]) => !OWN.has(field)));
  return { dataset, model, base };
}
