/** A draft while it is edited: what it says, what it comes to, and what is wrong with it. All of it is computed here, at every move. */
import { computed, inject, provide, shallowRef, type ComputedRef, type InjectionKey, type ShallowRef } from 'vue';
import type { DatasetInfo } from '../../../shared/contract/datasets';
import type { DraftBody } from '../../../shared/contract/drafts';
import type { ModelInfo } from '../../../shared/contract/models';
import { buildPlan, type Plan } from '../../../shared/curriculum/plan';
import { nearestValid, stageProblems, type StageProblem } from '../../../shared/curriculum/stages';
import { AppError, errorData, type ErrorData } from '../../../shared/errors';
import type { RunConfig, StageConfig } from '../../../shared/run-config';
import { departures } from '../../../shared/run-config-resolve';
import { resolveDraft } from '../../../shared/schedule-editor/draft-config';
import { estimate, type Estimate, type Rate } from '../../../shared/schedule-editor/estimate';
import { ended, historyOf, record, redo, undo } from '../../../shared/schedule-editor/history';
import { asCompute } from '../../../shared/schedule-editor/shares';
import { sumOf } from '../../../shared/tally';
import { useAppStore } from '../../stores/app';

/** Images that a schedule is laid out for while no dataset is chosen: ImageNet's. */
const TYPICAL_IMAGES = 1_281_167;

export interface DesignInput {
  body: DraftBody;
  models: readonly ModelInfo[];
  datasets: ComputedRef<readonly DatasetInfo[]>;
  rates: ShallowRef<readonly Rate[]>;
}

export type Design = ReturnType<typeof createDesign>;

const KEY: InjectionKey<Design> = Symbol('design');

/** Multiply-adds at any size; beyond the model's list they grow with the pixels. */
function macsOf(model: ModelInfo | null): (size: number) => number {
  if (!model) return (size) => size * size;
  const known = new Map(model.macs);
  const sides = [...known.keys()];
  return (size) => {
    const exact = known.get(size);
    if (exact !== undefined) return exact;
    const nearest = sides.reduce((best, side) => (Math.abs(side - size) < Math.abs(best - size) ? side : best), sides[0] ?? size);
    return (known.get(nearest) ?? 1) * (size / nearest) ** 2;
  };
}

type Outcome = { config: RunConfig; error: null } | { config: null; error: ErrorData };

const failed = (error: unknown): ErrorData => (error instanceof AppError ? error.data : errorData(error));

export function createDesign({ body: first, models, datasets, rates }: DesignInput) {
  const app = useAppStore();
  const history = shallowRef(historyOf(first));
  const body = computed(() => history.value.present);
  const selected = shallowRef(0);

  const change = (fields: Partial<DraftBody>, gesture: string | null = null): void => {
    history.value = record(history.value, { ...body.value, ...fields }, gesture);
  };
  const model = computed(() => models.find(({ id }) => id === body.value.model) ?? null);
  const dataset = computed(() => datasets.value.find(({ id }) => id === body.value.dataset) ?? null);
  const images = computed(() => sumOf(dataset.value?.counts['train']));
  const macs = computed(() => macsOf(model.value));

  const resolved = computed((): Outcome | null => {
    if (!model.value) return null;
    try {
      return { config: resolveDraft(body.value, model.value, app.settings).config, error: null };
    } catch (error) {
      return { config: null, error: failed(error) };
    }
  });
  const config = computed(() => resolved.value?.config ?? null);
  const size = computed(() => config.value?.size ?? body.value.size ?? model.value?.size ?? 224);
  const rule = computed(() => ({ multiple: model.value?.multiple ?? 1, minSize: model.value?.minSize ?? 1 }));

  /** As edited, shares of compute. */
  const stages = computed((): StageConfig[] => {
    if (!config.value) return [];
    const { stages: own, share_of } = config.value.schedule;
    return asCompute(own, share_of, size.value);
  });
  const laidOut = computed((): { plan: Plan; error: null } | { plan: null; error: ErrorData } | null => {
    if (!config.value) return null;
    try {
      return { plan: buildPlan(config.value, images.value || TYPICAL_IMAGES, macs.value), error: null };
    } catch (error) {
      return { plan: null, error: failed(error) };
    }
  });
  const plan = computed(() => laidOut.value?.plan ?? null);
  const problems = computed((): StageProblem[] => {
    if (!config.value) return [];
    const { schedule, data, optimizer } = config.value;
    return stageProblems(schedule, size.value, rule.value, { batch: data.batch, parts: optimizer.grad_accum_steps });
  });
  /** The nearest final size that the model takes, where this one isn't. */
  const nearestSize = computed(() => {
    const { multiple, minSize } = rule.value;
    if (size.value % multiple === 0 && size.value >= minSize) return null;
    return nearestValid(size.value, Math.ceil(Math.max(size.value, minSize) / multiple) * multiple, rule.value);
  });
  const error = computed(() => resolved.value?.error ?? laidOut.value?.error ?? null);
  const expected = computed((): Estimate =>
    plan.value ? estimate(plan.value, rates.value, macs.value) : { stages: [], total: null, measured: false },
  );
  const changed = computed(() =>
    config.value && model.value
      ? departures(config.value, model.value).filter(([path]) => !/^schedule\.(preset|share_of)$/.test(path))
      : [],
  );

  function edit(how: (stages: StageConfig[]) => StageConfig[], gesture: string | null = null): void {
    const next = how(stages.value);
    if (JSON.stringify(next) === JSON.stringify(stages.value)) return;
    change({ stages: next, share_of: 'compute' }, gesture);
    selected.value = Math.min(selected.value, next.length - 1);
  }

  /** Edited stages keep their proportion to the final size. */
  function setSize(next: number | null, gesture: string | null = null): void {
    const after = next ?? model.value?.size ?? size.value;
    const { stages: own } = body.value;
    const scaled =
      own?.map((stage) => ({ ...stage, bandwidth: nearestValid((stage.bandwidth * after) / size.value, after, rule.value) })) ??
      null;
    change({ size: next, stages: scaled }, gesture);
  }

  /** Another model has another size and other valid sides; the schedule becomes its own. */
  function setModel(id: string): void {
    const next = models.find((candidate) => candidate.id === id);
    if (!next) return;
    const kept = Object.fromEntries(
      Object.entries(body.value.overrides).filter(([path]) => /^(data\.workers|checkpoint|engine|eval)/.test(path)),
    );
    change({ model: id, preset: next.preset, size: null, stages: null, overrides: kept });
    selected.value = 0;
  }

  function override(path: string, value: unknown, gesture: string | null = null): void {
    change({ overrides: { ...body.value.overrides, [path]: value } }, gesture);
  }

  function reset(path: string): void {
    if (path === 'schedule.stages') return change({ stages: null });
    const { [path]: _, ...rest } = body.value.overrides;
    change({ overrides: rest });
  }

  return {
    ...{ body, change, model, models, dataset, datasets, images, macs, config, size, rule, stages, plan, problems, nearestSize },
    ...{ error, expected, changed, edit, setSize, setModel, override, reset, selected },
    endGesture: () => (history.value = ended(history.value)),
    undo: () => (history.value = undo(history.value)),
    redo: () => (history.value = redo(history.value)),
    canUndo: computed(() => history.value.past.length > 0),
    canRedo: computed(() => history.value.future.length > 0),
  };
}

export const provideDesign = (design: Design): void => provide(KEY, design);

export function useDesign(): Design {
  const design = inject(KEY);
  if (!design) throw new Error('used outside the design of a run');
  return design;
}
