/**
 * Notes about a table's labels as a whole: those that mean a missing value to other programs, and those that look like
 * several.
 */
import { quoted } from './refuse';

/** Number of different labels that are checked. */
const MOST_LABELS = 5000;

/** Words that pandas, R, spreadsheets and databases write for a missing value. */
const MISSING = /^(nan|null|na|n\/a|#n\/a|<na>|nat|undefined)$/i;

/** What a decoder writes for bytes that it can't read. */
const LOST = '\ufffd';

/** Signs between the labels of an image that has several, the likeliest first. */
const SIGNS = ['|', ';', ',', ' '] as const;

interface Seen {
  label: string;
  line: number;
  count: number;
}

/** Splits a label at a sign into two or more parts; returns none otherwise. */
function partsAt(label: string, sign: string): string[] {
  const parts = label.split(sign).map((part) => part.trim());
  return parts.length > 1 && parts.every(Boolean) ? parts : [];
}

export class LabelNotes {
  private readonly seen = new Map<string, Seen>();

  /** @param isTags whether the column's name says that a cell holds several */
  constructor(private readonly isTags: boolean) {}

  add(label: string, line: number): void {
    const known = this.seen.get(label);
    if (known) known.count++;
    else if (this.seen.size < MOST_LABELS) this.seen.set(label, { label, line, count: 1 });
  }

  *reasons(): Generator<string> {
    for (const { label, line, count } of this.seen.values())
      if (MISSING.test(label))
        yield `The label ${label}, first in line ${line}, is what programs write where a value is missing. It is read as a class, of ${count} ${count === 1 ? 'row' : 'rows'}.`;
    yield* this.lost();
    const several = this.several();
    const [first] = several;
    if (!first) return;
    const many = several.length === 1 ? 'A label looks' : `${several.length} labels look`;
    yield `${many} like several, as ${quoted(first.label)} in line ${first.line}. Each is read as one class of its own, because an image has one label here.`;
  }

  /** Says where letters were lost before the table was saved: labels that differed in them alone are one now. */
  private *lost(): Generator<string> {
    const lost = [...this.seen.values()].filter(({ label }) => label.includes(LOST));
    const [first] = lost;
    if (!first) return;
    const many = lost.length === 1 ? 'A label holds' : `${lost.length} labels hold`;
    yield `${many} the sign for a letter that could not be read (U+FFFD), as ${quoted(first.label)} in line ${first.line}. The letter was lost before the table was saved, and labels that differed in it alone are one class now. Save the table anew from its source.`;
  }

  private several(): Seen[] {
    const all = [...this.seen.values()];
    const lists = all.filter(({ label }) => /^\[.*\]$/.test(label));
    if (lists.length) return lists;
    for (const sign of SIGNS) {
      const counts = this.labelsOfParts(sign);
      const found = all.filter(({ label }) => this.isSeveral(label, sign, counts));
      if (found.length) return found;
    }
    return [];
  }

  /**
   * Says whether a label is several. Names of one thing contain signs and blanks too, so the parts have to be labels
   * themselves, or to come again in other labels.
   */
  private isSeveral(label: string, sign: string, counts: ReadonlyMap<string, number>): boolean {
    const parts = partsAt(label, sign);
    if (!parts.length) return false;
    if (parts.every((part) => this.seen.has(part))) return true;
    const isList = sign === '|' || sign === ';' || this.isTags;
    return isList && parts.some((part) => this.seen.has(part) || (counts.get(part) ?? 0) > 1);
  }

  /** Counts how many labels each part is in. */
  private labelsOfParts(sign: string): Map<string, number> {
    const counts = new Map<string, number>();
    for (const label of this.seen.keys())
      for (const part of new Set(partsAt(label, sign))) counts.set(part, (counts.get(part) ?? 0) + 1);
    return counts;
  }
}
