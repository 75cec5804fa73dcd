/**
 * Filters the runs of the table by free text, facets, and one of three shelves. Pure, and quick enough for every typed
 * key.
 */
import type { RunSummary } from '../../../shared/contract/runs';
import { shownState, type ShownState } from '../../../shared/run-state';

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

/** A run with its words in lower case. */
export interface Row {
  run: RunSummary;
  words: string;
  shelf: Shelf;
}

export interface FacetValue {
  value: string;
  /** Number of runs that would be shown if this alone were chosen in its facet. */
  count: number;
}

export interface Filtered {
  rows: Row[];
  /** Number of runs of each shelf that pass text and facets. */
  shelves: Record<Shelf, number>;
  facets: Record<Facet, FacetValue[]>;
}

export const NO_CHOICE: RunFilter['chosen'] = { state: [], model: [], dataset: [], preset: [], tag: [] };

const shelfOf = ({ trashed, archived }: RunSummary): Shelf =>
  trashed !== null ? 'trash' : archived ? 'archived' : 'present';

function rowOf(run: RunSummary, stateWord: string): Row {
  const { name, id, model, dataset_name, dataset, preset, tags } = run;
  const words = `${name}\n${id}\n${model}\n${dataset_name ?? ''}\n${dataset}\n${preset}\n${shownState(run)}\n${stateWord}`;
  return { run, shelf: shelfOf(run), words: (tags.length ? `${words}\n${tags.join('\n')}` : words).toLowerCase() };
}

/**
 * Rows by run. A changed run is a new object, so its row is made once, and again only where the window's language
 * changes.
 */
const made = new WeakMap<RunSummary, { row: Row; stateWord: string }>();

/**
 * Makes the rows.
 * @param stateWord returns a state in the window's language, so that it can be searched for; it is slow and called once
 * for each
 */
export function rowsOf(runs: readonly RunSummary[], stateWord: (state: ShownState) => string): Row[] {
  const stateWords = new Map<ShownState, string>();
  return runs.map((run) => {
    const state = shownState(run);
    const word = stateWords.get(state) ?? stateWord(state);
    stateWords.set(state, word);
    const known = made.get(run);
    if (known?.stateWord === word) return known.row;
    const row = rowOf(run, word);
    made.set(run, { row, stateWord: word });
    return row;
  });
}

/** Facets of which a run has one value; it has any number of tags. */
const VALUE: Record<Exclude<Facet, 'tag'>, (run: RunSummary) => string> = {
  state: shownState,
  model: ({ model }) => model,
  dataset: ({ dataset }) => dataset,
  preset: ({ preset }) => preset,
};

/** One facet: its chosen values, and the number of runs for each value. */
class Tally {
  readonly counts: Map<string, number>;
  private readonly chosen: ReadonlySet<string> | null;

  constructor(
    private readonly facet: Facet,
    chosen: readonly string[],
  ) {
    this.counts = new Map(chosen.map((value) => [value, 0]));
    this.chosen = chosen.length ? new Set(chosen) : null;
  }

  fits(run: RunSummary): boolean {
    const { chosen, facet } = this;
    if (!chosen) return true;
    return facet === 'tag' ? run.tags.some((tag) => chosen.has(tag)) : chosen.has(VALUE[facet](run));
  }

  count(run: RunSummary): void {
    if (this.facet === 'tag') for (const tag of run.tags) this.add(tag);
    else this.add(VALUE[this.facet](run));
  }

  private add(value: string): void {
    this.counts.set(value, (this.counts.get(value) ?? 0) + 1);
  }
}

/** Makes a test of words that all have to occur; one with a minus before it must not. */
function textTest(text: string): (words: string) => boolean {
  if (!text.trim()) return () => true;
  const terms = text.toLowerCase().split(/\s+/).filter(Boolean);
  const wanted = terms.filter((term) => !term.startsWith('-') || term.length === 1);
  const unwanted = terms.filter((term) => term.startsWith('-') && term.length > 1).map((term) => term.slice(1));
  return (words) => wanted.every((term) => words.includes(term)) && !unwanted.some((term) => words.includes(term));
}

/** Filters rows and keeps their order. */
export function filterRuns(rows: readonly Row[], { text, shelf, chosen }: RunFilter): Filtered {
  const fits = textTest(text);
  const tallies = FACETS.map((facet) => new Tally(facet, chosen[facet]));
  const shelves: Record<Shelf, number> = { present: 0, archived: 0, trash: 0 };
  const kept: Row[] = [];
  for (const row of rows) {
    const { run } = row;
    if (!fits(row.words)) continue;
    // A run that fails in one facet alone would be shown if that facet were chosen otherwise.
    let [failing, only] = [0, tallies[0]];
    for (const tally of tallies) {
      if (tally.fits(run)) continue;
      failing++;
      only = tally;
    }
    if (!failing) shelves[row.shelf]++;
    if (row.shelf !== shelf || failing > 1) continue;
    if (failing) {
      only?.count(run);
      continue;
    }
    kept.push(row);
    for (const tally of tallies) tally.count(run);
  }
  const facets = Object.fromEntries(FACETS.map((facet, at) => [facet, listed((tallies[at] as Tally).counts)]));
  return { rows: kept, shelves, facets: facets as Filtered['facets'] };
}

const listed = (counts: Map<string, number>): FacetValue[] =>
  [...counts]
    .map(([value, count]) => ({ value, count }))
    .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));

export const isFiltered = ({ text, chosen }: RunFilter): boolean =>
  text.trim() !== '' || FACETS.some((facet) => chosen[facet].length > 0);
