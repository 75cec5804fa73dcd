/** Runs that differ only in their seed as one. Pure. */
import type { RunSummary } from '../../../shared/contract/runs';

/** A column of the comparison: one run, or all seeds of one configuration. */
export interface SeedGroup {
  /** Its first run's. */
  id: string;
  name: string;
  /** Its first run's: colour, dash and marker. */
  series: number;
  runs: readonly [RunSummary, ...RunSummary[]];
}

type Config = Readonly<Record<string, unknown>>;

/** What no bit of the result depends on. */
const WITHOUT_EFFECT = /^(name$|seed$|checkpoint\.|data\.(workers|prefetch_mb)$)/;

const keyOf = (config: Config): string =>
  JSON.stringify(
    Object.entries(config)
      .filter(([field]) => !WITHOUT_EFFECT.test(field))
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );

const groupOf = (runs: SeedGroup['runs']): SeedGroup => ({
  ...{ id: runs[0].id, series: runs[0].series, runs },
  name: runs.length === 1 ? runs[0].name : commonName(runs.map(({ name }) => name)),
});

export const singles = (runs: readonly RunSummary[]): SeedGroup[] => runs.map((run) => groupOf([run]));

/**
 * In the order of each group's first run. A run of which no configuration is known stands alone, and so does the
 * repetition of a seed: it gives the same numbers again, and would make the spread look smaller than it is.
 */
export function groupBySeed(runs: readonly RunSummary[], configs: Readonly<Record<string, Config>>): SeedGroup[] {
  const found: { key: string; runs: [RunSummary, ...RunSummary[]] }[] = [];
  for (const run of runs) {
    const config = configs[run.id];
    const key = config ? keyOf(config) : run.id;
    const group = found.find((other) => other.key === key && other.runs.every(({ seed }) => seed !== run.seed));
    if (group) group.runs.push(run);
    else found.push({ key, runs: [run] });
  }
  return found.map((group) => groupOf(group.runs));
}

/** Separators, "s" or "seed" after them: what is left of "deit s0" and "deit s1" once their numbers are gone. */
const TAIL = /(^|[\s_\-·.,:([=#]+)(seed|s)?[\s_\-=:([#]*$/i;
const SHORTEST = 3;

/** What the names begin with alike; the first one's where that is next to nothing. */
export function commonName(names: readonly string[]): string {
  const [first = '', ...others] = names;
  let length = first.length;
  for (const name of others) while (!name.startsWith(first.slice(0, length))) length--;
  const common = first.slice(0, length).replace(TAIL, '');
  return common.length < SHORTEST ? first : common;
}
