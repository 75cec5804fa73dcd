import { describe, expect, it } from 'vitest';
import { Answers } from '../../src/main/serve/answers';

const reply = (value: unknown): string => JSON.stringify({ ok: true, value });

function counting(): { make: () => Promise<string>; made: () => number } {
  let count = 0;
  return { make: () => Promise.resolve(reply(++count)), made: () => count };
}

describe('calls of a session', () => {
  it('are made once by their id, whether the first is answered or still under way', async () => {
    const answers = new Answers();
    const { promise, resolve } = Promise.withResolvers<string>();
    let made = 0;
    const make = (): Promise<string> => {
      made++;
      return promise;
    };
    const both = [answers.to('a-1', 'x', make), answers.to('a-1', 'x', make)];
    resolve(reply(7));
    expect(await Promise.all([...both, answers.to('a-1', 'x', make)])).toEqual([reply(7), reply(7), reply(7)]);
    expect(made).toBe(1);
  });

  it('that fail give the same error again', async () => {
    const answers = new Answers();
    const error = JSON.stringify({ ok: false, error: { code: 'bad_state', what: 'a', why: 'b', next: 'c' } });
    expect(await answers.to(1, 'x', () => Promise.resolve(error))).toBe(error);
    expect(await answers.to(1, 'x', () => Promise.reject(new Error('made again')))).toEqual(error);
  });

  it('of another page, or another call under an id that was used, are made', async () => {
    const answers = new Answers();
    const { make, made } = counting();
    for (const [id, call] of [
      ['a-1', 'x'],
      ['b-1', 'x'],
      ['a-1', 'y'],
      ['a-2', 'x'],
    ] as const)
      await answers.to(id, call, make);
    expect(made()).toBe(4);
  });

  it('are remembered within a bound, the last ones, and those under way always', async () => {
    const answers = new Answers();
    const { promise, resolve } = Promise.withResolvers<string>();
    const slow = answers.to('slow', 'x', () => promise);
    const { make, made } = counting();
    for (let id = 1; id <= 1000; id++) await answers.to(id, 'x', make);
    await answers.to(1000, 'x', make);
    await answers.to(900, 'x', make);
    expect(made()).toBe(1000);
    await answers.to(1, 'x', make);
    expect(made()).toBe(1001);
    const again = answers.to('slow', 'x', make);
    resolve(reply('slow'));
    expect([await slow, await again]).toEqual([reply('slow'), reply('slow')]);
  });

  it('with long answers are read again instead of kept', async () => {
    const answers = new Answers();
    let made = 0;
    const make = (): Promise<string> => Promise.resolve(reply('x'.repeat(100_000 + made++)));
    await answers.to(1, 'x', make);
    await answers.to(1, 'x', make);
    expect(made).toBe(2);
  });
});
