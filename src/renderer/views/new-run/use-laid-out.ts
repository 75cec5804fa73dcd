/** Plans a draft: its steps, its time, and its problems. */
import { computed, type ComputedRef, type ShallowRef } from 'vue';
import { buildPlan, type Plan } from '../../../shared/curriculum/plan';
import { nearestSizes, refusalOf } from '../../../shared/curriculum/size-rule';
import type { StageProblem } from '../../../shared/curriculum/stage-problem';
import { stageProblems } from '../../../shared/curriculum/stages';
import type { ErrorData } from '../../../shared/errors';
import { estimate, type Estimate, type Rate } from '../../../shared/schedule-editor/estimate';
import { outcomeOf } from './outcome';
import type { Resolved } from './use-resolved';

/** Without a dataset the plan assumes the number of ImageNet-1K's training images. */
const TYPICAL_IMAGES = 1_281_167;

export interface LaidOut {
  plan: ComputedRef<Plan | null>;
  problems: ComputedRef<StageProblem[]>;
  /** The nearest final side that the model takes; null: it takes the current one. */
  nearestSize: ComputedRef<number | null>;
  error: ComputedRef<ErrorData | null>;
  expected: ComputedRef<Estimate>;
}

export function useLaidOut(
  { config, configError, images, macs, size, rule }: Resolved,
  rates: ShallowRef<readonly Rate[]>,
): LaidOut {
  const outcome = computed(() => {
    const of = config.value;
    return of && outcomeOf(() => buildPlan(of, images.value || TYPICAL_IMAGES, macs.value));
  });
  const plan = computed(() => outcome.value?.value ?? null);
  const problems = computed(() => {
    if (!config.value) return [];
    const { schedule, data, optimizer } = config.value;
    return stageProblems(schedule, size.value, rule.value, { batch: data.batch, parts: optimizer.grad_accum_steps });
  });
  const nearestSize = computed(() =>
    refusalOf(rule.value, size.value) ? (nearestSizes(rule.value, size.value)[0] ?? null) : null,
  );
  const error = computed(() => configError.value ?? outcome.value?.error ?? null);
  const expected = computed(() =>
    plan.value ? estimate(plan.value, rates.value, macs.value) : { stages: [], total: null, measured: false },
  );
  return { plan, problems, nearestSize, error, expected };
}
