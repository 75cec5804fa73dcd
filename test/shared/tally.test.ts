/** Counts by a user's text, which may be the name of a property that every JavaScript object has. */
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { byText } from '../../src/shared/contract/by-text';
import { datasetSchema } from '../../src/shared/contract/datasets';
import { resolveConfig } from '../../src/shared/run-config-resolve';
import { countOf, sumOf, tallyOf } from '../../src/shared/tally';

const NAMES = ['__proto__', 'constructor', 'toString', 'length', 'hasOwnProperty', 'valueOf'];

describe('counts by text', () => {
  it('holds every name, and answers 0 for what it does not hold', () => {
    const tally = tallyOf(NAMES.map((name, index) => [name, index + 1]));
    expect(NAMES.map((name) => countOf(tally, name))).toEqual([1, 2, 3, 4, 5, 6]);
    expect(sumOf(tally)).toBe(21);
    expect(NAMES.map((name) => countOf({ a: 1 }, name))).toEqual([0, 0, 0, 0, 0, 0]);
    expect(JSON.stringify(tally)).toBe(
      '{"__proto__":1,"constructor":2,"toString":3,"length":4,"hasOwnProperty":5,"valueOf":6}',
    );
  });

  it('passes the contract whole, and what is no number is refused by its place', () => {
    const counts = JSON.parse('{"train":{"__proto__":4,"constructor":5}}') as unknown;
    const parsed = datasetSchema.shape.counts.parse(counts);
    expect([countOf(parsed['train'], '__proto__'), countOf(parsed['train'], 'constructor')]).toEqual([4, 5]);
    expect(JSON.stringify(parsed)).toBe(JSON.stringify(counts));
    const wrong = byText(z.number()).safeParse(JSON.parse('{"a":1,"__proto__":"x"}'));
    expect(wrong.error?.issues.map(({ path }) => path)).toEqual([['__proto__']]);
    expect(byText(z.number()).safeParse([1]).success).toBe(false);
  });
});

describe('a configuration', () => {
  const model = {
    ...{
      id: 'resnet_micro',
      size: 32,
      task: 'classify',
      preset: 'constant',
      recipe: {},
      mean: [0, 0, 0],
      std: [1, 1, 1],
    },
    ...{ interpolation: 'bicubic', sizes: { kind: 'any' as const, step: 1, min: 8 } },
  };
  it.each([
    '__proto__=1',
    '__proto__.x=1',
    'optimizer.__proto__=1',
    'constructor=1',
    'optimizer={"__proto__":{"eps":1}}',
  ])('refuses --set %s by name', (set) => {
    expect(() => resolveConfig({ dataset: 'd', model, flags: {}, set: [set] })).toThrow(
      expect.objectContaining({
        code: 'invalid_config',
        why: expect.stringMatching(/__proto__|constructor/) as string,
      }),
    );
  });
  it('refuses such a field of a file', () => {
    const file = JSON.parse('{"__proto__":{"seed":3}}') as Record<string, unknown>;
    expect(() => resolveConfig({ dataset: 'd', model, flags: {}, file })).toThrow(
      expect.objectContaining({ code: 'invalid_config', why: expect.stringMatching(/__proto__/) as string }),
    );
  });
});
