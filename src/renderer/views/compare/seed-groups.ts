/** Groups runs that differ only in their seed. Pure. */
import type { RunSummary } from '../../../shared/contract/runs';

/** A column of the comparison: one run, or all seeds of one configuration. */
export interface SeedGroup {
  /** Id of its first run. */
  id: string;
  name: string;
  /** Colour, dash and marker of its first run. */
  series: number;
  runs: readonly [RunSummary, ...RunSummary[]];
}

type Config = Readonly<Record<string, unknown>>;

/** Fields that change no bit of the result. */
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
 * Groups runs in the order of each group's first run. A run without a known configuration is alone, and so is the
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

/** Matches separators with "s" or "seed" after them: the rest of "deit s0" and "deit s1" without their numbers. */
const TAIL = /(^|[\s_\-·.,:([=#]+)(seed|s)?[\s_\-=:([#]*$/i;
const SHORTEST = 3;

/** Returns the common beginning of the names, or the first name where that is too short. */
export function commonName(names: readonly string[]): string {
  const [first = '', ...others] = names;
  let length = first.length;
  for (const name of others) while (!name.startsWith(first.slice(0, length))) length--;
  const common = first.slice(0, length).replace(TAIL, '');
  return common.length < SHORTEST ? first : common;
}
