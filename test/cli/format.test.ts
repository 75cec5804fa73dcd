import { describe, expect, it } from 'vitest';
import { bar, bytes, clock, duration, NONE, percent, significant, table } from '../../src/main/cli/format';
import { progressShort, progressText } from '../../src/main/cli/run-text';
import { choiceOption, needPositionals, numberOption, optionalNumber } from '../../src/main/cli/options';

describe('numbers for people', () => {
  it('three or four significant digits', () => {
    expect([0, 0.123456, 12.3456, 1234.56, 123456, 0.00012345, -1.5].map((value) => significant(value))).toEqual([
      '0',
      '0.1235',
      '12.35',
      '1235',
      '123,456',
      '1.2e-4',
      '-1.5',
    ]);
    expect(significant(Infinity)).toBe('Infinity');
  });
  it('units', () => {
    expect([0, 999, 1000, 4_194_304, 2.5e12].map(bytes)).toEqual(['0 B', '999 B', '1 kB', '4.19 MB', '2.5 TB']);
    expect([0.04, 9.9, 59.6, 200, 3599.7, 8040, null, Infinity].map(duration)).toEqual([
      '0.0 s',
      '9.9 s',
      '1 min 0 s',
      '3 min 20 s',
      '1 h 0 min',
      '2 h 14 min',
      NONE,
      NONE,
    ]);
    expect([0.4, 9, 200, 8040, null].map(clock)).toEqual(['0:00', '0:09', '3:20', '2:14:00', NONE]);
    expect([0, 0.9166, 1, null].map(percent)).toEqual(['0.0 %', '91.7 %', '100.0 %', NONE]);
  });
  it('a table aligns numbers to the right and words to the left', () => {
    expect(
      table(
        ['id', 'steps'],
        [
          ['a', '5'],
          ['bcd', '1,000'],
        ],
      ),
    ).toBe(['id   steps', '───  ─────', 'a        5', 'bcd  1,000'].join('\n'));
    expect(table(['id'], [])).toBe('id\n──');
  });
  it('a bar is as wide as asked', () => {
    for (const share of [-1, 0, 0.3, 0.5, 1, 2]) expect([...bar(share, 8)]).toHaveLength(8);
    expect([bar(0, 4), bar(0.5, 4), bar(1, 4)]).toEqual(['····', '██··', '████']);
  });
});

describe('options', () => {
  it('numbers within their range', () => {
    expect([
      numberOption({}, 'seed', 3),
      numberOption({ seed: '1e-3' }, 'seed', 3),
      optionalNumber({}, 'seed'),
    ]).toEqual([3, 1e-3, undefined]);
    for (const seed of ['', 'x', '-1', '11', 'NaN', 'Infinity'])
      expect(() => numberOption({ seed }, 'seed', 3, 0, 10)).toThrow(
        expect.objectContaining({ code: 'usage', message: expect.stringContaining('--seed') }),
      );
  });
  it('words among their choices', () => {
    expect([choiceOption({}, 'mode', ['a', 'b'], 'b'), choiceOption({ mode: 'a' }, 'mode', ['a', 'b'], 'b')]).toEqual([
      'b',
      'a',
    ]);
    expect(() => choiceOption({ mode: 'c' }, 'mode', ['a', 'b'], 'b')).toThrow(
      expect.objectContaining({ code: 'usage', why: expect.stringContaining('a, b') }),
    );
  });
  it('so many arguments', () => {
    expect(needPositionals('x', ['a', 'b'], 1, Infinity)).toEqual(['a', 'b']);
    expect(() => needPositionals('x', [], 1, Infinity)).toThrow('at least 1 argument');
    expect(() => needPositionals('x', ['a'], 0)).toThrow('x takes 0 arguments');
  });
});

describe('the live line', () => {
  const progress = {
    ...{
      type: 'progress' as const,
      state: 'running' as const,
      activity: 'training',
      step: 102933,
      steps: 229330,
      compute: 0.3125,
      stage: 1,
      stages: 10,
    },
    ...{
      bandwidth: 160,
      magnitude: 2,
      loss: 1.2345,
      measured: { metric: 'val/top1', value: 0.9333 },
      throughput: 3555,
      stageSecondsLeft: 8040,
      runSecondsLeft: 44400,
    },
  };
  it('says stage, share of compute, step, loss, accuracy, speed and what is left of stage and run', () => {
    expect(progressText(progress)).toBe(
      'stage 2/10 B 160 m 2 · 31 % of compute · step 102933/229330 · loss 1.234 · val 93.3 % · 3,555 img/s · about 2 h 14 min of stage, 12 h 20 min of run left',
    );
  });
  it('has no magnitude where images are augmented with none', () => {
    expect(progressText({ ...progress, magnitude: null })).toMatch(/^stage 2\/10 B 160 · 31 % of compute · /);
  });
  it('and in 80 columns all of it still', () => {
    const short = progressShort({ ...progress, step: 2933, steps: 9330 });
    expect(short).toBe('31 % stage 2/10 step 2933 loss 1.234 val 93.3 % 3560 img/s ETA 2:14:00/12:20:00');
    expect(short.length).toBeLessThan(80);
    expect(progressShort({ ...progress, activity: 'evaluating', throughput: null, runSecondsLeft: null })).toMatch(
      /^evaluating: 31 % stage 2/,
    );
  });
});
