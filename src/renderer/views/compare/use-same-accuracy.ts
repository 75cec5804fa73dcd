/** What the same accuracy has cost each column of the comparison, as the screen's state. */
import { computed, ref, type ComputedRef, type Ref } from 'vue';
import type { Curve } from '../../../shared/contract/metrics';
import type { RunSummary } from '../../../shared/contract/runs';
import { commonAccuracy, costsAt, highestAccuracy, type GroupCost } from './same-accuracy';
import type { SeedGroup } from './seed-groups';
import type { Figures } from './use-figures';

export interface SameAccuracyInput {
  runs: () => readonly RunSummary[];
  groups: () => readonly SeedGroup[];
  figures: () => Figures | null;
  /** The accuracy curve of a run. */
  curve: (run: string) => Curve | undefined;
}

export interface SameAccuracyState {
  /** Whether all runs are of one dataset: accuracies on other images, or of other classes, say nothing of each other. */
  comparable: ComputedRef<boolean>;
  /** The level of the weakest run. */
  common: ComputedRef<number | null>;
  highest: ComputedRef<number | null>;
  /** How many images the accuracy was measured on, the fewest of any run; null: not known. */
  images: ComputedRef<number | null>;
  /** What the user has chosen; null: the level of the weakest run. */
  chosenAccuracy: Ref<number | null>;
  accuracy: ComputedRef<number | null>;
  costs: ComputedRef<readonly GroupCost[]>;
}

export function useSameAccuracy({ runs, groups, figures, curve }: SameAccuracyInput): SameAccuracyState {
  const comparable = computed(() => new Set(runs().map(({ dataset }) => dataset)).size < 2);
  const curves = computed(() => runs().map(({ id }) => curve(id)));
  const common = computed(() => (comparable.value ? commonAccuracy(curves.value) : null));
  const highest = computed(() => (comparable.value ? highestAccuracy(curves.value) : null));
  const images = computed(() => {
    const counts = (figures()?.runs ?? []).flatMap(({ val_images }) => val_images ?? []);
    return counts.length ? Math.min(...counts) : null;
  });
  const chosenAccuracy = ref<number | null>(null);
  const accuracy = computed(() => (common.value === null ? null : (chosenAccuracy.value ?? common.value)));
  const costs = computed(() => {
    if (accuracy.value === null) return [];
    const seeds = groups().map((group) => group.runs.map(({ id }) => curve(id)));
    return costsAt(seeds, accuracy.value, images.value);
  });
  return { comparable, common, highest, images, chosenAccuracy, accuracy, costs };
}
