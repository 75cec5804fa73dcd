import { inEnglish, type Fact } from '../../../shared/doctor-words';

export interface Check {
  id: string;
  ok: boolean;
  /** The facts in English. */
  value: string;
  facts: Fact[];
  cause: string | null;
  remedy: string | null;
}

export const good = (id: string, ...facts: Fact[]): Check => ({
  ...{ id, ok: true, value: inEnglish(facts), facts, cause: null, remedy: null },
});

export const bad = (id: string, fact: Fact | Fact[], cause: string, remedy: string): Check => {
  const facts = [fact].flat();
  return { id, ok: false, value: inEnglish(facts), facts, cause, remedy };
};
