import { describe, expect, it } from 'vitest';
import { OutcomeRecorder, outcomesDetail, readOutcomes, type Outcomes } from '../../src/main/engine/tasks/outcomes';
import { learnedAt, NOT_MEASURED } from '../../src/main/services/runs/learned-at';
import { learnedGroups } from '../../src/shared/learning-order';
import { rngOf } from '../../src/shared/random';

/** The string has a letter for each image: `+` right, `-` wrong, `?` not read. */
function outcomesOf(images: string): Outcomes {
  const recorder = new OutcomeRecorder();
  for (const image of images) recorder.add(image === '?' ? null : image === '+');
  return readOutcomes(outcomesDetail(recorder.result()));
}

describe('the stage from which on an image stayed right', () => {
  it.each([
    ['in every stage', ['+', '+', '+'], 0],
    ['from the second on', ['-', '+', '+'], 1],
    ['in the last only', ['+', '-', '+'], 2],
    ['forgotten at the end', ['+', '+', '-'], 3],
    ['never right', ['-', '-', '-'], 3],
    ['unreadable once', ['+', '?', '+'], NOT_MEASURED],
    ['of a single stage', ['+'], 0],
  ])('%s: %j -> %i', (_, stages, expected) => {
    expect(learnedAt(stages.map(outcomesOf))[0]).toBe(expected);
  });

  it('is none of padding, also where the batches of two runs pad differently', () => {
    expect([...learnedAt([outcomesOf('+-+???????'), outcomesOf('++-')])]).toEqual([
      ...[0, 1, 2],
      ...Array<number>(13).fill(NOT_MEASURED),
    ]);
    expect(learnedAt([])).toHaveLength(0);
  });

  it('is what a search through plain lists finds, for many images', () => {
    const rng = rngOf(7);
    const lists = Array.from({ length: 4 }, () =>
      Array.from({ length: 3000 }, () => '+-+?'[Math.floor(rng.uniform() * 3.2)]).join(''),
    );
    const found = learnedAt(lists.map(outcomesOf));
    const plain = Array.from({ length: 3000 }, (_, image) => {
      const own = lists.map((list) => list[image]);
      return own.includes('?') ? NOT_MEASURED : [0, 1, 2, 3, 4].find((stage) => !own.slice(stage).includes('-'));
    });
    expect([...found.subarray(0, 3000)]).toEqual(plain);
  });
});

describe('groups of stages', () => {
  it('join stages that share a bandwidth, and end with the images never learned', () => {
    const stages = [96, 96, 160, 224].map((bandwidth) => ({ bandwidth }));
    expect(learnedGroups(stages, [5, 4, 3, 2, 1])).toEqual([
      { bandwidth: 96, count: 9 },
      { bandwidth: 160, count: 3 },
      { bandwidth: 224, count: 2 },
      { bandwidth: null, count: 1 },
    ]);
  });
});
