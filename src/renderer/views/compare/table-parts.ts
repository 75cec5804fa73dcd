/** The parts of the comparison's table, and its rows. */
import type { Comparison } from '../../../shared/contract/compare';
import { CONFIG_GROUPS } from './config-groups';
import type { Cell } from './number-row';
import type { Published } from './published';
import type { GroupCost } from './same-accuracy';
import type { SeedGroup } from './seed-groups';

export const STATISTICS = ['best', 'last', 'min', 'max'] as const;
export type Statistic = (typeof STATISTICS)[number];

export const GROUPS = ['result', 'cost', ...CONFIG_GROUPS] as const;
export type Group = (typeof GROUPS)[number];

export interface TableRow {
  id: string;
  group: Group;
  label: string;
  /** Its name in the store, or else the label. */
  key: string;
  /** Whether the name is set as a configuration field. */
  field: boolean;
  cells: Cell[];
  differs: boolean;
}

export interface TableInput {
  /** The columns, baseline first. */
  groups: readonly SeedGroup[];
  comparison: Comparison & { configs: Record<string, Record<string, unknown>> };
  published: readonly Published[];
  /** Costs by column; empty where there is no accuracy to compare at. */
  costs: readonly GroupCost[];
  accuracy: number | null;
  /** Series of `accuracy`. */
  headline: string;
  statistic: Statistic;
  /** Decimals of percentages: one on screen, two in a paper. */
  digits: number;
  /** Whether accuracies of these runs are comparable. */
  comparable: boolean;
  word: (key: string, values?: Record<string, unknown>) => string;
  /** Returns a metric's name for people. */
  metricName: (key: string) => string;
  duration: (seconds: number) => string;
}
