/** Which runs the table shows: free text, facets, and one of three shelves. Pure, and quick enough for every key that is typed. */
import type { RunSummary } from '../../../shared/contract/runs';

export const SHELVES = ['present', 'archived', 'trash'] as const;
export type Shelf = (typeof SHELVES)[number];

export const FACETS = ['state', 'model', 'dataset', 'preset', 'tag'] as const;
export type Facet = (typeof FACETS)[number];

export interface RunFilter {
  text: string;
  shelf: Shelf;
  /** Chosen values of each facet; none: all pass. Within a facet any fits, across facets all have to. */
  chosen: Readonly<Record<Facet, readonly string[]>>;
}

/** A run with its words in lower case, made once for each list that is pulled. */
export interface Row {
  run: RunSummary;
  words: string;
  shelf: Shelf;
}

export interface FacetValue {
  value: string;
  /** Runs that would be there if this alone were chosen in its facet. */
  count: number;
}

export interface Filtered {
  rows: Row[];
  /** How many runs of each shelf pass text and facets. */
  shelves: Record<Shelf, number>;
  facets: Record<Facet, FacetValue[]>;
}

export const NO_CHOICE: RunFilter['chosen'] = { state: [], model: [], dataset: [], preset: [], tag: [] };

const shelfOf = ({ trashed, archived }: RunSummary): Shelf => (trashed !== null ? 'trash' : archived ? 'archived' : 'present');

function rowOf(run: RunSummary, stateWord: string): Row {
  const { name, id, model, dataset_name, dataset, preset, state, tags } = run;
  const words = `${name}\n${id}\n${model}\n${dataset_name ?? ''}\n${dataset}\n${preset}\n${state}\n${stateWord}`;
  return { run, shelf: shelfOf(run), words: (tags.length ? `${words}\n${tags.join('\n')}` : words).toLowerCase() };
}

/** @param stateWord a state as the window calls it, so that it is found in the window's language; asked once for each: that is slow */
export function rowsOf(runs: readonly RunSummary[], stateWord: (state: RunSummary['state']) => string): Row[] {
  const stateWords = new Map<RunSummary['state'], string>();
  return runs.map((run) => {
    const known = stateWords.get(run.state) ?? stateWord(run.state);
    stateWords.set(run.state, known);
    return rowOf(run, known);
  });
}

const VALUES: Record<Facet, (run: RunSummary) => readonly string[]> = {
  state: ({ state }) => [state],
  model: ({ model }) => [model],
  dataset: ({ dataset }) => [dataset],
  preset: ({ preset }) => [preset],
  tag: ({ tags }) => tags,
};

/** Words that all have to be there; with a minus before it, a word that must not be. */
function textTest(text: string): (words: string) => boolean {
  const terms = text.toLowerCase().split(/\s+/).filter(Boolean);
  const wanted = terms.filter((term) => !term.startsWith('-') || term.length === 1);
  const unwanted = terms.filter((term) => term.startsWith('-') && term.length > 1).map((term) => term.slice(1));
  return (words) => wanted.every((term) => words.includes(term)) && !unwanted.some((term) => words.includes(term));
}

/** Rows keep their order. */
export function filterRuns(rows: readonly Row[], { text, shelf, chosen }: RunFilter): Filtered {
  const fits = textTest(text);
  const sets = FACETS.map((facet) => (chosen[facet].length ? new Set(chosen[facet]) : null));
  const counts = FACETS.map((facet) => new Map<string, number>(chosen[facet].map((value) => [value, 0])));
  const shelves: Record<Shelf, number> = { present: 0, archived: 0, trash: 0 };
  const kept: Row[] = [];
  for (const row of rows) {
    if (!fits(row.words)) continue;
    const failing = FACETS.filter((facet, at) => sets[at] && !VALUES[facet](row.run).some((value) => sets[at]?.has(value)));
    if (!failing.length) shelves[row.shelf]++;
    if (row.shelf !== shelf || failing.length > 1) continue;
    if (!failing.length) kept.push(row);
    FACETS.forEach((facet, at) => {
      if (failing.length && failing[0] !== facet) return;
      for (const value of VALUES[facet](row.run)) counts[at]?.set(value, (counts[at].get(value) ?? 0) + 1);
    });
  }
  const facets = Object.fromEntries(FACETS.map((facet, at) => [facet, listed(counts[at] as Map<string, number>)]));
  return { rows: kept, shelves, facets: facets as Filtered['facets'] };
}

const listed = (counts: Map<string, number>): FacetValue[] =>
  [...counts].map(([value, count]) => ({ value, count })).sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));

export const isFiltered = ({ text, chosen }: RunFilter): boolean =>
  text.trim() !== '' || FACETS.some((facet) => chosen[facet].length > 0);
