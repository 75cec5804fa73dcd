import { describe, expect, it } from 'vitest';
import type { Review } from '../../../src/shared/contract/reviews';
import { cardsOf, redCards, splitPath, verdictOf } from '../../../src/renderer/views/datasets/findings';

const review = (changes: Partial<Review> = {}): Review => ({
  ...{
    id: 'r',
    source: '/data/flowers',
    name: 'flowers',
    format: 'class-folders',
    unlabelled: false,
    classes: ['daisy', 'rose'],
  },
  counts: { train: { daisy: 40, rose: 40 }, val: { daisy: 10, rose: 10 } },
  ...{
    formats: { jpeg: 100 },
    sizes: { smallest: 64, largest: 512 },
    doubt: null,
    layout: null,
    layout_chosen: null,
    table: null,
    val_drawn: true,
    val_split: 0.2,
    seed: 0,
    tiny: 0,
  },
  ...{ findings: {}, to_leave: { red: 0, recommended: 0 }, blocked: null, can_undo: false, can_redo: false },
  ...changes,
});

const kinds = (given: Review): string[] => cardsOf(given).map(({ kind }) => kind);

describe('what a review says', () => {
  it('is ready with nothing to look at where nothing was found', () => {
    const clean = review();
    expect(cardsOf(clean)).toEqual([]);
    expect(verdictOf(clean, [])).toEqual({
      state: 'ready',
      images: 100,
      train: 80,
      val: 20,
      classes: 2,
      open: 0,
      left: 0,
    });
  });

  it('has open red cards while files with a leak or two labels are still taken', () => {
    const found = (count: number, excluded = 0): { count: number; excluded: number } => ({ count, excluded });
    const open = (findings: Review['findings']): string[] =>
      redCards(cardsOf(review({ findings }))).map(({ kind }) => kind);
    expect(open({ leak: found(2), label_conflict: found(2, 1), duplicate: found(3), truncated: found(1, 1) })).toEqual([
      'leak',
      'label_conflict',
    ]);
    expect(open({ leak: found(2, 2), duplicate: found(3) })).toEqual([]);
    expect(redCards(cardsOf(review({ classes: ['daisy', 'rose', 'none'] })))).toEqual([]);
  });

  it('puts the worst first, with what the counts show in between', () => {
    const found = (count: number, excluded = 0): { count: number; excluded: number } => ({ count, excluded });
    const given = review({
      classes: ['daisy', 'rose', 'tulip'],
      counts: { train: { daisy: 400, rose: 4, tulip: 8 }, val: { daisy: 10, rose: 1 } },
      tiny: 3,
      findings: {
        ignored: found(9, 9),
        duplicate: found(2),
        near_duplicate: found(5),
        truncated: found(1, 1),
        untrained_class: found(1),
        similar_classes: found(1),
        label_conflict: found(2),
        leak: found(4),
      },
    });
    expect(kinds(given)).toEqual([
      ...[
        'leak',
        'label_conflict',
        'untrained_class',
        'truncated',
        'similar_classes',
        'duplicate',
        'near_duplicate',
        'imbalance',
        'tiny',
        'ignored',
      ],
    ]);
    expect(verdictOf(given, cardsOf(given))).toMatchObject({ state: 'look', open: 9, left: 10 });
  });

  it('settles a finding once all of its files are left out, and opens it again when one is kept', () => {
    const tone = (excluded: number) => cardsOf(review({ findings: { leak: { count: 3, excluded } } }))[0]?.tone;
    expect([tone(0), tone(2), tone(3)]).toEqual(['bad', 'bad', 'done']);
    const settled = review({ findings: { leak: { count: 3, excluded: 3 } } });
    expect(verdictOf(settled, cardsOf(settled))).toMatchObject({ state: 'ready', open: 0, left: 3 });
  });

  it('never settles files that can’t be used, and never counts what is no data', () => {
    const given = review({ findings: { empty: { count: 1, excluded: 1 }, ignored: { count: 1, excluded: 1 } } });
    expect(cardsOf(given).map(({ tone }) => tone)).toEqual(['warn', 'quiet']);
    expect(verdictOf(given, cardsOf(given)).open).toBe(1);
  });

  it('is blocked whatever else was found', () => {
    const given = review({ blocked: 'There is no usable training image.' });
    expect(verdictOf(given, cardsOf(given)).state).toBe('blocked');
  });

  it('splits a path of either system before its file', () => {
    expect(splitPath('train/a b/1.jpg')).toEqual({ folder: 'train/a b/', file: '1.jpg' });
    expect(splitPath('train\\a\\1.jpg')).toEqual({ folder: 'train\\a\\', file: '1.jpg' });
    expect(splitPath('1.jpg')).toEqual({ folder: '', file: '1.jpg' });
  });
});
