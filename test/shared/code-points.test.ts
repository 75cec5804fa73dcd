import { describe, expect, it } from 'vitest';
import { byCodePoint } from '../../src/shared/code-points';

describe('the order of code points', () => {
  it('is that of Python’s sorted(), beyond the basic plane too', () => {
    // python3 -c "print(sorted(['😀smile', 'zz', 'Ａfull', 'é', 'Z', '10', '9', '', '🂡', '\ue000']))"
    const sorted = ['', '10', '9', 'Z', 'zz', 'é', '\ue000', 'Ａfull', '🂡', '😀smile'];
    expect(sorted.toReversed().sort(byCodePoint)).toEqual(sorted);
  });

  it('is the order of UTF-8 bytes, which SQLite sorts by', () => {
    const letters = ['a', 'b', 'ä', '\ud7ff', '\ue000', '\uffff', '\u{10000}', '\u{10ffff}', '😀', '😁', 'ﬀ'];
    const names = letters.flatMap((first) => ['', ...letters].map((second) => first + second));
    for (const a of names)
      for (const b of names) expect(Math.sign(byCodePoint(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
  });
});
