/** Names with line breaks, quotes and escape sequences, in line-based formats and on a terminal. */
import { describe, expect, it } from 'vitest';
import { csvCell } from '../../src/shared/csv-cell';
import { lineField } from '../../src/shared/line-field';
import { escapeControls, printableLines } from '../../src/shared/printable';

/** Characters at which Python's str.splitlines() splits, and other ends of fields. */
const BREAKS = ['\n', '\r', '\r\n', '\v', '\f', '\x1c', '\x1d', '\x1e', '\x85', '\u2028', '\u2029', '\t', '\0'];

describe('a name as a line', () => {
  it('is as it is, where nothing in it ends a line', () => {
    for (const name of ['a/b.png', 'a b, "c".png', 'C:\\images\\n.png', '训练/😀.png', '=1+1'])
      expect(lineField(name)).toBe(name);
  });

  it('is a JSON string where it would be more than one, or look like one', () => {
    for (const end of BREAKS) {
      const line = lineField(`a${end}b.png`);
      expect(line).toMatch(/^"[^\p{Cc}\u2028\u2029]*"$/u);
      expect(JSON.parse(line)).toBe(`a${end}b.png`);
    }
    expect(lineField('"quoted".png')).toBe('"\\"quoted\\".png"');
    // Output for people shows it escaped; without quotes it would be another name.
    expect(lineField('a\u202egnp.exe')).toBe('"a\\u202egnp.exe"');
    expect(lineField('a/line\nbreak.png')).toBe('"a/line\\nbreak.png"');
  });
});

describe('a name on a terminal', () => {
  it('steers nothing', () => {
    expect(escapeControls('a\x1b[2J\nb\u009b31m\u202egnp.exe')).toBe('a\\u001b[2J\\nb\\u009b31m\\u202egnp.exe');
    expect(printableLines('one\n\ttwo\x1b]0;title\x07\r')).toBe('one\n\ttwo\\u001b]0;title\\u0007\\r');
  });

  it('leaves JSON what it is', () => {
    const value = { name: 'a\x1b\u009b\u2028\u202e\n"' };
    const text = printableLines(JSON.stringify(value, null, 2));
    expect(text).toMatch(/^[^\x1b\u009b\u2028\u202e]*$/u);
    expect(JSON.parse(text)).toEqual(value);
  });
});

describe('a name in a CSV', () => {
  it('is one field of one record', () => {
    expect(csvCell('line\nbreak, "x"')).toBe('"line\nbreak, ""x"""');
    expect(['=1+1', '+1', '-1', '@x', '\tx'].map(csvCell)).toEqual(["'=1+1", "'+1", "'-1", "'@x", "'\tx"]);
  });
});
