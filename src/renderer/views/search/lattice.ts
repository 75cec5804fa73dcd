/**
 * Shows a search as a lattice: a column for each stage, a row for each bandwidth, and in each cell the trial that tried
 * it. Pure.
 */
import type { SearchDetails, SearchTrial } from '../../../shared/contract/searches';
import { wilson } from '../../../shared/same-accuracy';

export interface LatticeCell {
  stage: number;
  bandwidth: number;
  /** `left_out`: the search has decided without it; `open`: not decided yet. */
  state: 'tried' | 'running' | 'failed' | 'left_out' | 'open';
  /** Whether the chosen schedule has this cell. */
  chosen: boolean;
  trial: SearchTrial | null;
}

export interface Lattice {
  /** Bandwidths in pixels, the largest first, as on an axis. */
  bandwidths: number[];
  /** Cells by bandwidth, then by stage. */
  rows: LatticeCell[][];
}

const RUNNING = ['preparing', 'running', 'pausing', 'stopping'];

function stateOf(trial: SearchTrial | null, decided: boolean): LatticeCell['state'] {
  if (trial === null) return decided ? 'left_out' : 'open';
  if (RUNNING.includes(trial.state)) return 'running';
  if (trial.top1 !== null) return 'tried';
  return trial.state === 'failed' ? 'failed' : 'open';
}

/**
 * Says whether a stage is decided: algorithm 1 decides from the last stage backwards, algorithm 2 from the first on.
 */
const isDecided = ({ algorithm, stages }: SearchDetails['spec'], decided: number, stage: number): boolean =>
  algorithm === 1 ? stage >= stages - decided : stage < decided;

export function latticeOf({ search, spec, progress }: SearchDetails): Lattice {
  const bandwidths = spec.candidates.toReversed();
  const done = search.state === 'completed';
  const rows = bandwidths.map((bandwidth) =>
    Array.from({ length: spec.stages }, (_, stage): LatticeCell => {
      const trial = search.trials.findLast((found) => found.stage === stage && found.bandwidth === bandwidth) ?? null;
      return {
        ...{ stage, bandwidth, trial, chosen: search.chosen?.[stage] === bandwidth },
        state: stateOf(trial, done || isDecided(spec, progress.decided, stage)),
      };
    }),
  );
  return { bandwidths, rows };
}

/** Returns half of Wilson's 95 % interval of a trial's accuracy; null where nothing is measured. */
export function marginOf({ top1, n, seeds }: Pick<SearchTrial, 'top1' | 'n' | 'seeds'>): number | null {
  if (top1 === null || n === null || seeds === 0) return null;
  const [low, high] = wilson(top1, n * seeds);
  return (high - low) / 2;
}

/** Returns the done share of the most that the search can take. */
export function shareOf({ progress, search }: SearchDetails): number {
  if (search.state === 'completed') return 1;
  const whole = progress.spent + progress.to_come;
  return whole > 0 ? progress.spent / whole : 0;
}
