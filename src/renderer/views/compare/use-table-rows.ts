/** Words the comparison as a table and as quantities. */
import { computed, ref, type ComputedRef, type Ref } from 'vue';
import { useI18n } from 'vue-i18n';
import type { RunSummary } from '../../../shared/contract/runs';
import { metricName as nameOfMetric } from '../../format/metric-name';
import { duration } from '../../format/time';
import type { Published } from './published';
import { quantitiesOf, type Quantity } from './quantities';
import type { SeedGroup } from './seed-groups';
import { tableRows } from './table-model';
import type { Statistic, TableRow } from './table-parts';
import type { Figures } from './use-figures';
import type { SameAccuracyState } from './use-same-accuracy';

export interface TableInput {
  runs: () => readonly RunSummary[];
  groups: () => readonly SeedGroup[];
  figures: () => Figures | null;
  /** Series by which all runs are judged; null: none in common. */
  headline: () => string | null;
  published: () => readonly Published[];
  onlyDifferences: () => boolean;
  same: SameAccuracyState;
}

export interface TableState {
  statistic: Ref<Statistic>;
  shownRows: ComputedRef<TableRow[]>;
  /** Makes the rows. @param digits decimals of percentages */
  rowsWith: (digits: number) => TableRow[];
  quantities: ComputedRef<readonly Quantity[]>;
  metricName: (key: string) => string;
}

export function useTableRows({
  runs,
  groups,
  figures,
  headline,
  published,
  onlyDifferences,
  same,
}: TableInput): TableState {
  const { t } = useI18n();
  const statistic = ref<Statistic>('best');
  const word = (key: string, values: Record<string, unknown> = {}): string => t(`compare.${key}`, values);
  const metricName = (key: string): string => nameOfMetric(key, t);
  function rowsWith(digits: number): TableRow[] {
    const comparison = figures();
    if (!comparison) return [];
    const made = tableRows({
      ...{ groups: groups(), comparison, published: published(), costs: same.costs.value, digits },
      ...{
        accuracy: same.accuracy.value,
        headline: headline() ?? '',
        statistic: statistic.value,
        comparable: same.comparable.value,
      },
      ...{ word, metricName, duration },
    });
    return onlyDifferences() && groups().length > 1 ? made.filter((row) => row.differs) : made;
  }
  const shownRows = computed(() => rowsWith(1));
  const quantities = computed(() => {
    const comparison = figures();
    if (!comparison) return [];
    return quantitiesOf({ runs: runs(), comparison, statistic: statistic.value, word, metricName, duration });
  });
  return { statistic, shownRows, rowsWith, quantities, metricName };
}
