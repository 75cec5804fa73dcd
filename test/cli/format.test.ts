import { describe, expect, it } from 'vitest';
import { bar, bytes, duration, NONE, percent, significant, table } from '../../src/main/cli/format';
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
    expect([numberOption({}, 'seed', 3), numberOption({ seed: '1e-3' }, 'seed', 3), optionalNumber({}, 'seed')]).toEqual([
      3,
      1e-3,
      undefined,
    ]);
    for (const seed of ['', 'x', '-1', '11', 'NaN', 'Infinity'])
      expect(() => numberOption({ seed }, 'seed', 3, 0, 10)).toThrow(
        expect.objectContaining({ code: 'usage', message: expect.stringContaining('--seed') }),
      );
  });
  it('words among their choices', () => {
    expect([choiceOption({}, 'mode', ['a', 'b'], 'b'), choiceOption({ mode: 'a' }, 'mode', ['a', 'b'], 'b')]).toEqual(['b', 'a']);
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
