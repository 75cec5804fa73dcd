/**
 * Rows chosen by mouse and keyboard as in file managers. Ids keep the order in which they were chosen: the first is the
 * baseline.
 */
export interface Selection {
  chosen: ReadonlySet<string>;
  /** Start of a range. */
  anchor: string | null;
}

export const NOTHING: Selection = { chosen: new Set(), anchor: null };

export const only = (id: string): Selection => ({ chosen: new Set([id]), anchor: id });

export function toggle({ chosen }: Selection, id: string): Selection {
  const next = new Set(chosen);
  if (!next.delete(id)) next.add(id);
  return { chosen: next, anchor: id };
}

/** Selects from the anchor to `id`, in the order of `ids`; `add` keeps the earlier choice. */
export function extend({ chosen, anchor }: Selection, ids: readonly string[], id: string, add = false): Selection {
  const from = anchor === null ? -1 : ids.indexOf(anchor);
  const to = ids.indexOf(id);
  if (from < 0 || to < 0) return only(id);
  const between = ids.slice(Math.min(from, to), Math.max(from, to) + 1);
  if (to < from) between.reverse();
  return { chosen: new Set([...(add ? chosen : []), ...between]), anchor };
}

export const all = (ids: readonly string[]): Selection => ({ chosen: new Set(ids), anchor: ids[0] ?? null });

/** Removes rows that no longer exist. Returns the same object where all exist. */
export function kept(selection: Selection, present: ReadonlySet<string>): Selection {
  const { chosen, anchor } = selection;
  if ([...chosen].every((id) => present.has(id)) && (anchor === null || present.has(anchor))) return selection;
  return {
    chosen: new Set([...chosen].filter((id) => present.has(id))),
    anchor: anchor !== null && present.has(anchor) ? anchor : null,
  };
}
