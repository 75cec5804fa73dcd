/** Chooses the sentence on a frequency study's results so far. Pure. */
import type { FrequencyStudy } from '../../../shared/contract/studies';

export interface Sentence {
  /**
   * `waiting`: there is nothing to compare yet; `none`: no curve leaves the unfiltered one; `few`: one does; the others
   * say whether larger radii leave it later.
   */
  key: 'waiting' | 'none' | 'few' | 'later' | 'mixed';
  values: { left: number; all: number };
}

/** Returns the sentence on the radii whose curves are complete. */
export function sentenceOf({ curves }: FrequencyStudy): Sentence {
  const measured = curves.filter(({ curve }) => curve.length > 0);
  const filtered = measured.filter(({ radius }) => radius !== null);
  const left = filtered.flatMap(({ leaves }) => (leaves ? [leaves.progress] : []));
  const values = { left: left.length, all: filtered.length };
  if (!filtered.length || filtered.length === measured.length) return { key: 'waiting', values };
  if (!left.length) return { key: 'none', values };
  if (left.length === 1) return { key: 'few', values };
  const rises = left.every((progress, index) => index === 0 || progress >= (left[index - 1] as number));
  // A radius that never leaves has to be larger than all that do.
  const stays = filtered.slice(0, left.length).every(({ leaves }) => leaves !== null);
  return { key: rises && stays ? 'later' : 'mixed', values };
}
