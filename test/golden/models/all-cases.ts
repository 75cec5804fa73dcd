/**
 * Every model's case and golden numbers: a file for each family in `cases` and in `golden`, which reference.py makes of
 * it: `python reference.py cases/vit.json golden/vit.json`.
 */
import type { Case, CaseResult, Golden } from './cases';

const caseFiles = import.meta.glob<Case[]>('./cases/*.json', { eager: true, import: 'default' });
const goldenFiles = import.meta.glob<Golden>('./golden/*.json', { eager: true, import: 'default' });

export const allCases: readonly Case[] = Object.values(caseFiles).flat();
/** Those whose numbers `npm test` compares, not only their parameters and cost. */
export const microCases: readonly Case[] = allCases.filter(({ batch }) => batch);

const results = Object.assign({}, ...Object.values(goldenFiles).map(({ cases }) => cases)) as Record<
  string,
  CaseResult
>;

/** @throws if reference.py has not been asked for this case */
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
