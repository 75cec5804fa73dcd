import type { RunSummary } from '../../shared/contract/runs';

/** Merges changed and new runs into a list, newest first. Returns the same list where nothing has changed. */
export function mergeRuns(list: readonly RunSummary[], changed: readonly RunSummary[]): readonly RunSummary[] {
  if (!changed.length) return list;
  const byId = new Map(changed.map((run) => [run.id, run]));
  const merged = list.map((run) => {
    const next = byId.get(run.id);
    byId.delete(run.id);
    return next ?? run;
  });
  if (!byId.size) return merged;
  return [...byId.values(), ...merged].sort((a, b) =>
    a.created === b.created ? (a.id < b.id ? -1 : 1) : a.created < b.created ? 1 : -1,
  );
}
