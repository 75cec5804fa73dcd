/**
 * Draws schedules on one scale: fractions of the width and height that the longest run and the largest side take. Pure.
 */
import type { RunSummary } from '../../../shared/contract/runs';

export interface StackedStage {
  bandwidth: number;
  /** Magnitude; null where none is drawn. */
  magnitude: number | null;
  /** Compute, in passes at the final size. */
  epochs: number;
  left: number;
  width: number;
  height: number;
  /** B / final size, which sets its colour. */
  frequency: number;
  spoken: string;
}

export interface StackedRun {
  run: RunSummary;
  epochs: number;
  stages: StackedStage[];
}

export function stackOf(runs: readonly RunSummary[]): { rows: StackedRun[]; side: number } {
  const side = Math.max(1, ...runs.flatMap(({ size, stages }) => [size, ...stages.map(([bandwidth]) => bandwidth)]));
  const longest = Math.max(1e-9, ...runs.map(({ equivalent_epochs }) => equivalent_epochs));
  const rows = runs.map((run): StackedRun => {
    const total = run.stages.reduce((sum, [, , share]) => sum + share, 0) || 1;
    let left = 0;
    const stages = run.stages.map(([bandwidth, magnitude, share]): StackedStage => {
      const epochs = (share / total) * run.equivalent_epochs;
      const width = epochs / longest;
      const stage = {
        ...{ bandwidth, magnitude, epochs, left, width, height: bandwidth / side },
        ...{ frequency: bandwidth / run.size, spoken: `${bandwidth} px` },
      };
      left += width;
      return stage;
    });
    return { run, epochs: run.equivalent_epochs, stages };
  });
  return { rows, side };
}
