/** Plans configurations, also those whose first stages have been trained already. */
import { stagesTakenOver } from '../../../shared/curriculum/branch';
import { adaptivePlan, adaptiveStart, type AdaptiveState } from '../../../shared/curriculum/adaptive';
import { buildPlan, withTeacherFlops, type Plan, type PlanStage } from '../../../shared/curriculum/plan';
import type { RunConfig } from '../../../shared/run-config';
import { modelEntry } from '../../engine/models';
import { AdaptiveBorders } from '../../engine/train/adaptive-borders';
import type { Run } from '../../store/runs';

/** Adds the teacher's compute to a plan. */
function withTeacher(config: RunConfig, plan: Plan): Plan {
  const { model = null, size = null } = config.distillation ?? {};
  return model === null || size === null ? plan : withTeacherFlops(plan, modelEntry(model).macs(size));
}

const macsOf = ({ model }: RunConfig) => {
  const entry = modelEntry(model);
  return (size: number): number => entry.macs(size);
};

/**
 * Plans a configuration.
 * @param samples images in the training split
 * @param trained the first stages, as they have ended
 * @throws AppError invalid_stage where a stage has no step
 */
export function planOf(config: RunConfig, samples: number, trained: readonly Pick<PlanStage, 'steps'>[] = []): Plan {
  const { schedule } = config;
  const { adaptive } = schedule;
  if (!adaptive || !trained.length) return withTeacher(config, buildPlan(config, samples, macsOf(config), trained));
  const parts = { config: { ...config, schedule: { ...schedule, adaptive } }, samples, macs: macsOf(config) };
  const steps = trained.map((stage) => stage.steps);
  return withTeacher(config, adaptivePlan(parts, steps));
}

/**
 * Returns the object that decides a run's borders; null where they are planned.
 * @param state from its checkpoint; without it the run begins
 */
export function bordersOf(
  { config, plan }: Pick<Run, 'config' | 'plan'>,
  state?: AdaptiveState,
): AdaptiveBorders | null {
  const { schedule } = config;
  const { adaptive } = schedule;
  if (!adaptive) return null;
  const { samples } = plan;
  const parts = { config: { ...config, schedule: { ...schedule, adaptive } }, samples, macs: macsOf(config) };
  const trained = plan.stages.slice(0, stagesTakenOver(config)).map(({ steps }) => steps);
  return new AdaptiveBorders(
    parts,
    (decided) => withTeacher(config, adaptivePlan(parts, decided)),
    state ?? adaptiveStart(trained),
  );
}
