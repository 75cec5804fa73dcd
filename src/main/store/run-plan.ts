/** A run's plan in its row, with what lists show of it. */
import { drawnMagnitude } from '../../shared/curriculum/magnitudes';
import type { Plan } from '../../shared/curriculum/plan';
import type { RunConfig } from '../../shared/run-config';
import type { Store } from './open';

/**
 * The parts of the frozen configuration and the plan that lists show. They are stored apart, so that thousands of rows
 * are read without parsing those.
 */
export interface RunBrief {
  /** Id of its task. */
  task: string;
  preset: string;
  size: number;
  seed: number;
  equivalent_epochs: number;
  /** [bandwidth, magnitude or null where none is drawn, share of compute] of each stage. */
  stages: [number, number | null, number][];
  /** Last step of each stage. */
  stage_ends: number[];
  /** The source of its first weights, as in the configuration; null: random. */
  init: string | null;
}

export const briefOf = ({ task, schedule, size, seed, data, init }: RunConfig, { totals, stages }: Plan): RunBrief => ({
  ...{ task, preset: schedule.preset, size, seed, equivalent_epochs: totals.equivalent_epochs, init },
  stages: stages.map(({ bandwidth, magnitude, share }) => [bandwidth, drawnMagnitude(magnitude, data), share]),
  stage_ends: stages.map(({ first_step, steps }) => first_step + steps),
});

/** A run that decides its borders while it trains has another plan from each of them on. */
export function replacePlan(store: Store, runId: string, plan: Plan): void {
  const config = JSON.parse(
    store.prepare('SELECT config FROM runs WHERE id = ?').pluck().get(runId) as string,
  ) as RunConfig;
  store
    .prepare('UPDATE runs SET plan = ?, brief = ?, steps = ? WHERE id = ?')
    .run(JSON.stringify(plan), JSON.stringify(briefOf(config, plan)), plan.totals.steps, runId);
}
