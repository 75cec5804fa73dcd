/** Datasets with labels and models that classify, as options of a form that asks for runs of one of each. */
import { computed, watch, type ComputedRef } from 'vue';
import type { DatasetInfo } from '../../shared/contract/datasets';
import type { ModelInfo } from '../../shared/contract/models';
import { isUnlabelled } from '../../shared/labels';

interface Option {
  value: string;
  label: string;
  note?: string;
}

export interface TrainingChoice {
  datasetOptions: ComputedRef<Option[]>;
  modelOptions: ComputedRef<Option[]>;
  /** The chosen model, undefined before models are there. */
  model: ComputedRef<ModelInfo | undefined>;
}

/**
 * Chooses the smallest model and the first dataset that is present, or `asked`, where nothing is chosen yet.
 * @param given the lists, which may change
 * @param fields the chosen ids, which this sets
 * @param asked ids that another screen asks for
 */
export function useTrainingChoice(
  given: { readonly datasets: readonly DatasetInfo[]; readonly models: readonly ModelInfo[] },
  fields: { dataset: string | null; model: string | null },
  asked: { dataset?: unknown; model?: unknown } = {},
): TrainingChoice {
  const labelled = computed(() => given.datasets.filter((dataset) => !isUnlabelled(dataset)));
  const fitting = computed(() => given.models.filter(({ task }) => task === 'classify'));
  const found = (id: unknown, list: readonly { id: string }[]): string | undefined =>
    list.find((each) => each.id === id)?.id;

  watch(
    [labelled, fitting],
    ([datasets, models]) => {
      fields.dataset ??= found(asked.dataset, datasets) ?? datasets.find(({ present }) => present)?.id ?? null;
      const smallest = models.toSorted((a, b) => a.parameters - b.parameters)[0];
      fields.model ??= found(asked.model, models) ?? smallest?.id ?? null;
    },
    { immediate: true },
  );

  return {
    datasetOptions: computed(() => labelled.value.map(({ id, name }) => ({ value: id, label: name }))),
    modelOptions: computed(() => fitting.value.map(({ id, size }) => ({ value: id, label: id, note: `${size} px` }))),
    model: computed(() => fitting.value.find(({ id }) => id === fields.model)),
  };
}
