/** The picture of accuracies: whose results it shows, against which cost, and what is known of them. */
import { computed, ref } from 'vue';
import { useI18n } from 'vue-i18n';
import type { DatasetInfo } from '../../../shared/contract/datasets';
import type { ModelInfo, ModelSpeeds } from '../../../shared/contract/models';
import type { PublishedRow } from '../../../shared/published/row';
import type { ScatterQuantity } from '../../charts/scatter-model';
import { call } from '../../api/client';
import { usePull } from '../../composables/use-pull';
import { percent, significant } from '../../format/numbers';
import { useRuns } from '../../stores/runs';
import {
  COSTS,
  datasetsOf,
  inUnit,
  ownPoints,
  publishedPoints,
  unitOf,
  type Cost,
  type Placed,
  type Unit,
} from './accuracy-points';
import { useZooText } from './use-zoo-text';

const PAPERS = 'papers';

export interface AccuracyInput {
  /** The models that are shown. */
  models: () => readonly ModelInfo[];
  speeds: () => ModelSpeeds;
  batch: () => number;
}

export function useAccuracy({ models, speeds, batch }: AccuracyInput) {
  const { t } = useI18n();
  const { familyName, methodOf } = useZooText();
  const store = useRuns();
  const datasets = usePull<DatasetInfo[]>(() => call('datasets.list', {}));
  const chosen = ref<{ source: string; cost: Cost | null }>({ source: PAPERS, cost: null });

  const known = computed(() => datasetsOf(store.present));
  const sources = computed(() => [
    { value: PAPERS, label: t('zoo.results_papers') },
    ...[...known.value].map(([value, label]) => ({ value, label })),
  ]);
  const source = computed(() => (known.value.has(chosen.value.source) ? chosen.value.source : PAPERS));
  const published = computed(() => source.value === PAPERS);
  const images = computed(() => {
    const train = datasets.data.value?.find(({ id }) => id === source.value)?.counts['train'];
    return train ? Object.values(train).reduce((sum, count) => sum + count, 0) : null;
  });

  function placedAt(cost: Cost): Placed {
    const rowName = (row: PublishedRow): string => t('zoo.row_name', { model: row.model, method: methodOf(row) });
    const by = { models: models(), speeds: speeds(), batch: batch(), cost, familyName, rowName };
    if (published.value) return publishedPoints(by);
    const runs = store.present.filter(({ dataset }) => dataset === source.value);
    return ownPoints(runs, images.value, by);
  }
  /** Until one is chosen it is the time, or the compute where no time is known. */
  const cost = computed<Cost>(
    () => chosen.value.cost ?? (placedAt('time').points.length || !published.value ? 'time' : 'compute'),
  );
  const natural = computed(() => placedAt(cost.value));
  const unit = computed<Unit>(() => unitOf(cost.value, natural.value.points));
  const placed = computed(() => inUnit(natural.value, unit.value));

  const unitName = computed(() => (cost.value === 'time' ? t(`zoo.unit_${unit.value[0]}`) : unit.value[0]));
  const across = computed<ScatterQuantity>(() => ({
    ...{ label: t(`zoo.axis_${cost.value}`, { unit: unitName.value }), unit: '', better: 'lower', kind: 'cost' },
    ...{ decades: true, format: (value: number) => `${significant(value, 3)} ${unitName.value}` },
  }));
  const up = computed<ScatterQuantity>(() => ({
    ...{ label: t('zoo.axis_top1'), unit: '%', better: 'higher', kind: 'metric', format: (value) => percent(value) },
  }));
  const title = computed(() => t('zoo.accuracy_title', { cost: t(`zoo.cost_${cost.value}`) }));
  const sourceId = computed({
    get: (): string | undefined => source.value,
    set: (value = PAPERS) => (chosen.value = { ...chosen.value, source: value }),
  });
  const costId = computed({
    get: () => cost.value as string,
    set: (value) => (chosen.value = { ...chosen.value, cost: COSTS.find((each) => each === value) ?? null }),
  });
  return { sources, sourceId, costId, cost, published, natural, placed, across, up, title };
}
