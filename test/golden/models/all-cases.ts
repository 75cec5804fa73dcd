/**
 * Every model's case and golden numbers. Each family has a file in `cases` and one in `golden`, which reference.py
 * computes: `python reference.py cases/vit.json golden/vit.json`.
 */
import type { Case, CaseResult, Golden } from './cases';

const caseFiles = import.meta.glob<Case[]>('./cases/*.json', { eager: true, import: 'default' });
const goldenFiles = import.meta.glob<Golden>('./golden/*.json', { eager: true, import: 'default' });

export const allCases: readonly Case[] = Object.values(caseFiles).flat();
/** The cases whose numbers `npm test` compares; of the others it compares only parameters and cost. */
export const microCases: readonly Case[] = allCases.filter(({ batch }) => batch);

const results = Object.assign({}, ...Object.values(goldenFiles).map(({ cases }) => cases)) as Record<
  string,
  CaseResult
>;

/** Returns a case's golden numbers. @throws Error if reference.py hasn't computed them */
export function goldenOf(id: string): CaseResult {
  const found = results[id];
  if (!found)
    throw new Error(`there are no golden numbers of ${id}: run test/golden/models/reference.py for its family`);
  return found;
}

export function caseOf(id: string): Case {
  const found = allCases.find((each) => each.id === id);
  if (!found) throw new Error(`there is no case ${id} in test/golden/models/cases`);
  return found;
}
