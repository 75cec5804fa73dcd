/** Lists the cards of a review, worst first: what the scan found, and what its counts show. */
import { FINDING_KINDS, NOTE_KINDS, RED_KINDS, type FindingKind, type Review } from '../../../shared/contract/reviews';
import { imagesOf, imbalance, inSplit } from './counts';

export type AdviceKind = 'imbalance' | 'tiny';

/** Kinds whose files can be left out or kept, because the file itself is valid. */
const CHOICE: readonly FindingKind[] = ['leak', 'label_conflict', 'duplicate', 'near_duplicate'];

export const isNote = (kind: FindingKind): boolean => NOTE_KINDS.includes(kind);
export const isChoice = (kind: FindingKind): boolean => CHOICE.includes(kind);

/** Kinds that falsify the measurement. */
const BAD: readonly FindingKind[] = [...RED_KINDS, 'untrained_class'];

export type Tone = 'bad' | 'warn' | 'quiet' | 'done';

export type Card =
  | { type: 'finding'; kind: FindingKind; count: number; excluded: number; tone: Tone }
  | { type: 'advice'; kind: AdviceKind; count: number; tone: Tone };

/** The finding after which each piece of advice is shown. */
const ADVICE_AFTER: Partial<Record<FindingKind, readonly AdviceKind[]>> = {
  near_duplicate: ['imbalance', 'tiny'],
};

function toneOf(kind: FindingKind, count: number, excluded: number): Tone {
  if (kind === 'ignored') return 'quiet';
  if (isChoice(kind) && excluded >= count) return 'done';
  return BAD.includes(kind) ? 'bad' : 'warn';
}

function adviceCount(kind: AdviceKind, { counts, classes, tiny }: Review): number {
  return kind === 'imbalance' ? (imbalance(counts, classes) ? 1 : 0) : tiny;
}

export function cardsOf(review: Review): Card[] {
  return FINDING_KINDS.flatMap((kind): Card[] => {
    const { count, excluded } = review.findings[kind] ?? { count: 0, excluded: 0 };
    const found: Card[] = count
      ? [{ type: 'finding', kind, count, excluded, tone: toneOf(kind, count, excluded) }]
      : [];
    const advice = (ADVICE_AFTER[kind] ?? []).flatMap((each): Card[] => {
      const many = adviceCount(each, review);
      return many ? [{ type: 'advice', kind: each, count: many, tone: 'warn' }] : [];
    });
    return [...found, ...advice];
  });
}

/** Returns findings that falsify the measurement and of which files are still included. */
export const redCards = (cards: readonly Card[]): Card[] =>
  cards.filter(({ kind, tone }) => tone === 'bad' && (RED_KINDS as readonly string[]).includes(kind));

export interface Verdict {
  state: 'ready' | 'look' | 'blocked';
  images: number;
  train: number;
  val: number;
  classes: number;
  /** Number of cards that are neither settled nor mere notes. */
  open: number;
  /** Number of files that are left out now. */
  left: number;
}

export function verdictOf(review: Review, cards: readonly Card[]): Verdict {
  const open = cards.filter(({ tone }) => tone === 'bad' || tone === 'warn').length;
  return {
    state: review.blocked !== null ? 'blocked' : open ? 'look' : 'ready',
    images: imagesOf(review.counts),
    train: inSplit(review.counts, 'train'),
    val: inSplit(review.counts, 'val'),
    classes: review.classes.length,
    open,
    left: Object.values(review.findings).reduce((sum, { excluded }) => sum + excluded, 0),
  };
}

/** Splits a path into its end, which distinguishes files, and what is before it. */
export function splitPath(path: string): { folder: string; file: string } {
  const at = Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\'));
  return { folder: path.slice(0, at + 1), file: path.slice(at + 1) };
}
