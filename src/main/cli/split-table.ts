/** Lists images by split for a dataset without classes. */
import { sumOf, type Tally } from '../../shared/tally';
import { table } from './format';
import { SPLITS } from '../../shared/splits';

export function splitTable(counts: Readonly<Record<string, Tally>>): string {
  const splits = SPLITS.filter((split) => sumOf(counts[split]) > 0);
  return table(
    ['split', 'images'],
    splits.map((split) => [split, String(sumOf(counts[split]))]),
  );
}
