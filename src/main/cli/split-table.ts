/** Images by split, of a dataset without classes. */
import { sumOf, type Tally } from '../../shared/tally';
import { table } from './format';

export function splitTable(counts: Readonly<Record<string, Tally>>): string {
  const splits = ['train', 'val', 'test'].filter((split) => sumOf(counts[split]) > 0);
  return table(
    ['split', 'images'],
    splits.map((split) => [split, String(sumOf(counts[split]))]),
  );
}
