/** Resolves a draft: its model, its dataset and its configuration. */
import { computed, type ComputedRef } from 'vue';
import type { DatasetInfo } from '../../../shared/contract/datasets';
import type { DraftBody } from '../../../shared/contract/drafts';
import type { ModelInfo } from '../../../shared/contract/models';
import { drawsMagnitude } from '../../../shared/curriculum/magnitudes';
import { EVERY_SIZE, type SizeRule } from '../../../shared/curriculum/size-rule';
import type { ErrorData } from '../../../shared/errors';
import { isUnlabelled } from '../../../shared/labels';
import type { RunConfig, StageConfig } from '../../../shared/run-config';
import { departures } from '../../../shared/run-config-resolve';
import { resolveDraft } from '../../../shared/schedule-editor/draft-config';
import { asCompute } from '../../../shared/schedule-editor/shares';
import { sumOf } from '../../../shared/tally';
import { useAppStore } from '../../stores/app';
import { useTasks } from '../../stores/tasks';
import { macsOf } from './macs';
import { outcomeOf } from './outcome';

const TYPICAL_SIZE = 224;
/** Fields that the table of stages shows. */
const SHOWN_ELSEWHERE = /^schedule\.(preset|share_of)$/;

export interface Resolved {
  model: ComputedRef<ModelInfo | null>;
  dataset: ComputedRef<DatasetInfo | null>;
  /** Id of the task: the model's own, unless the draft has another. */
  task: ComputedRef<string>;
  /** Whether the task learns from labels that the dataset does not have. */
  lacksLabels: ComputedRef<boolean>;
  /** Number of training images; 0 without a dataset. */
  images: ComputedRef<number>;
  macs: ComputedRef<(side: number) => number>;
  /** The configuration; null without a model, and where the draft contradicts itself. */
  config: ComputedRef<RunConfig | null>;
  configError: ComputedRef<ErrorData | null>;
  /** The final side in px. */
  size: ComputedRef<number>;
  rule: ComputedRef<SizeRule>;
  /** The edited stages, in shares of compute. */
  stages: ComputedRef<StageConfig[]>;
  /** Whether images are augmented with a magnitude. */
  magnitudes: ComputedRef<boolean>;
  /** Fields that differ from the model's published recipe. */
  changed: ComputedRef<ReturnType<typeof departures>>;
}

export function useResolved(
  body: ComputedRef<DraftBody>,
  models: readonly ModelInfo[],
  datasets: ComputedRef<readonly DatasetInfo[]>,
): Resolved {
  const app = useAppStore();
  const tasks = useTasks();
  const model = computed(() => models.find(({ id }) => id === body.value.model) ?? null);
  const dataset = computed(() => datasets.value.find(({ id }) => id === body.value.dataset) ?? null);
  const task = computed(() => String(body.value.overrides['task'] ?? model.value?.task ?? 'classify'));
  const needsLabels = computed(() => tasks.byId(task.value)?.needs_labels ?? true);
  const lacksLabels = computed(() => needsLabels.value && dataset.value !== null && isUnlabelled(dataset.value));
  const images = computed(() => sumOf(dataset.value?.counts['train']));
  const macs = computed(() => macsOf(model.value));
  const outcome = computed(() => {
    const of = model.value;
    return of && outcomeOf(() => resolveDraft(body.value, of, app.settings).config);
  });
  const config = computed(() => outcome.value?.value ?? null);
  const configError = computed(() => outcome.value?.error ?? null);
  const size = computed(() => config.value?.size ?? body.value.size ?? model.value?.size ?? TYPICAL_SIZE);
  const rule = computed(() => model.value?.sizes ?? EVERY_SIZE);
  const stages = computed(() => {
    if (!config.value) return [];
    const { stages: own, share_of } = config.value.schedule;
    return asCompute(own, share_of, size.value);
  });
  const magnitudes = computed(() => config.value === null || drawsMagnitude(config.value.data));
  const changed = computed(() => {
    if (!config.value || !model.value) return [];
    return departures(config.value, model.value).filter(([path]) => !SHOWN_ELSEWHERE.test(path));
  });
  return {
    model,
    dataset,
    task,
    lacksLabels,
    images,
    macs,
    config,
    configError,
    size,
    rule,
    stages,
    magnitudes,
    changed,
  };
}
