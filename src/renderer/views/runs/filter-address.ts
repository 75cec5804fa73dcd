/** Writes the filter of the runs table as an address, and reads it. Pure. */
import type { LocationQuery } from 'vue-router';
import { FACETS, SHELVES, type Facet, type RunFilter } from './filter';

const listOf = (value: LocationQuery[string] | undefined): string[] =>
  (Array.isArray(value) ? value : [value]).filter((item): item is string => typeof item === 'string' && item !== '');

export function filterOf(query: LocationQuery): RunFilter {
  const shelf = SHELVES.find((candidate) => candidate === query['shelf']) ?? 'present';
  const chosen = Object.fromEntries(FACETS.map((facet) => [facet, listOf(query[facet])])) as Record<Facet, string[]>;
  return { text: listOf(query['q'])[0] ?? '', shelf, chosen };
}

/** Writes only what differs from an empty filter. */
export function queryOf({ text, shelf, chosen }: RunFilter): Record<string, string | string[]> {
  return {
    ...(text ? { q: text } : {}),
    ...(shelf === 'present' ? {} : { shelf }),
    ...Object.fromEntries(FACETS.filter((facet) => chosen[facet].length).map((facet) => [facet, [...chosen[facet]]])),
  };
}

/** Toggles `value` of `facet`. */
export function toggled({ chosen }: RunFilter, facet: Facet, value: string): RunFilter['chosen'] {
  const now = chosen[facet];
  return { ...chosen, [facet]: now.includes(value) ? now.filter((other) => other !== value) : [...now, value] };
}
