/**
 * Stochastic depth of a whole network (Huang et al., ECCV 2016): rates that rise linearly from 0 with the depth, as in
 * timm, and the column of `keep` (layers/drop-path.ts) that each branch is dropped by.
 */

/** Columns of a block's two branches; null where a branch is never dropped. */
export type BranchColumns = readonly [number | null, number | null];

export interface Drops<Columns> {
  /** Rate of each column, all above 0. */
  rates: number[];
  /** Columns of each block, by stage. */
  columns: Columns[][];
}

/** Returns the rate of each of `depth` blocks, linear from 0 to `rate`. */
const linearRates = (rate: number, depth: number): number[] =>
  Array.from({ length: depth }, (_, index) => (depth === 1 ? 0 : (rate * index) / (depth - 1)));

/** Gives a column of its own to each of `branches` branches of a block whose rate is above 0. */
function dropsOf(rate: number, depths: readonly number[], branches: number): Drops<(number | null)[]> {
  const ofBlocks = linearRates(
    rate,
    depths.reduce((sum, depth) => sum + depth, 0),
  );
  const rates: number[] = [];
  const column = (own: number): number | null => (own > 0 ? rates.push(own) - 1 : null);
  let block = 0;
  const columns = depths.map((depth) =>
    Array.from({ length: depth }, () => {
      const own = ofBlocks[block++] as number;
      return Array.from({ length: branches }, () => column(own));
    }),
  );
  return { rates, columns };
}

/** Drops whole blocks of one branch. @param depths number of blocks of each stage */
export function blockDrops(rate: number, depths: readonly number[]): Drops<number | null> {
  const { rates, columns } = dropsOf(rate, depths, 1);
  return { rates, columns: columns.map((blocks) => blocks.map(([own]) => own ?? null)) };
}

/** Drops both branches of a block with the block's rate, each by a draw of its own, as timm does. */
export function branchDrops(rate: number, depths: readonly number[]): Drops<BranchColumns> {
  const { rates, columns } = dropsOf(rate, depths, 2);
  return { rates, columns: columns.map((blocks) => blocks.map(([first, second]) => [first ?? null, second ?? null])) };
}
