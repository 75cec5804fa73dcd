/** The cost of the same accuracy for each column of the comparison, as the screen's state. */
import { computed, ref, type ComputedRef, type Ref } from 'vue';
import type { Curve } from '../../../shared/contract/metrics';
import { metricOf } from '../../../shared/metrics';
import type { RunSummary } from '../../../shared/contract/runs';
import { isShare } from '../../format/metric-value';
import { commonAccuracy, costsAt, highestAccuracy, type GroupCost } from './same-accuracy';
import type { SeedGroup } from './seed-groups';
import type { Figures } from './use-figures';

/** Settings that make losses different quantities: the target, its scale, and the masked share of an image. */
const LOSS_SETTINGS = ['task', 'mae.target', 'mae.norm_pix_loss', 'mae.mask_ratio'];

export interface SameAccuracyInput {
  runs: () => readonly RunSummary[];
  groups: () => readonly SeedGroup[];
  figures: () => Figures | null;
  /** Series by which all runs are judged; null where they have none in common. */
  metric: () => string | null;
  /** Returns a run's curve of it. */
  curve: (run: string) => Curve | undefined;
}

export interface SameAccuracyState {
  /**
   * Whether figures of all runs are one quantity on the same images: of one dataset, and, for losses, of one target.
   */
  comparable: ComputedRef<boolean>;
  /** The level of the weakest run. */
  common: ComputedRef<number | null>;
  /** The best value that any run has reached. */
  highest: ComputedRef<number | null>;
  /** The smallest number of images on which a run's accuracy was measured; null: not known. */
  images: ComputedRef<number | null>;
  /** The user's choice; null: the level of the weakest run. */
  chosenAccuracy: Ref<number | null>;
  accuracy: ComputedRef<number | null>;
  costs: ComputedRef<readonly GroupCost[]>;
}

/**
 * Negates a curve whose lower values are better, because the rule of reaching asks for a value that is at least as
 * high.
 */
const turned = (curve: Curve): Curve => ({
  ...curve,
  mean: curve.mean.map((value) => -value),
  min: curve.max.map((value) => -value),
  max: curve.min.map((value) => -value),
});

export function useSameAccuracy({ runs, groups, figures, metric, curve }: SameAccuracyInput): SameAccuracyState {
  const comparable = computed(() => {
    const configs = figures()?.configs ?? {};
    const ofLoss = isShare(metric() ?? '') ? [] : LOSS_SETTINGS;
    const measured = runs().map(({ id, dataset }) =>
      JSON.stringify([dataset, ...ofLoss.map((field) => configs[id]?.[field] ?? null)]),
    );
    return new Set(measured).size < 2;
  });
  const lower = computed(() => metricOf(metric() ?? '').better === 'lower');
  /** Negates the runs' own values in the same way, and back. */
  const sign = (value: number | null): number | null => (value === null || !lower.value ? value : -value);
  const curveOf = (run: string): Curve | undefined => {
    const found = curve(run);
    return found && lower.value ? turned(found) : found;
  };
  const curves = computed(() => runs().map(({ id }) => curveOf(id)));
  const common = computed(() => (comparable.value ? sign(commonAccuracy(curves.value)) : null));
  const highest = computed(() => (comparable.value ? sign(highestAccuracy(curves.value)) : null));
  const images = computed(() => {
    // The measuring error is known for shares of images only.
    if (!isShare(metric() ?? '')) return null;
    const counts = (figures()?.runs ?? []).flatMap(({ val_images }) => val_images ?? []);
    return counts.length ? Math.min(...counts) : null;
  });
  const chosenAccuracy = ref<number | null>(null);
  const accuracy = computed(() => (common.value === null ? null : (chosenAccuracy.value ?? common.value)));
  const costs = computed(() => {
    const level = sign(accuracy.value);
    if (level === null) return [];
    const seeds = groups().map((group) => group.runs.map(({ id }) => curveOf(id)));
    return costsAt(seeds, level, images.value);
  });
  return { comparable, common, highest, images, chosenAccuracy, accuracy, costs };
}
