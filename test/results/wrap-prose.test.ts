/** Pages that commands write (docs/results.md, docs/benchmarks.md) have lines of at most 120 characters. */
import { describe, expect, it } from 'vitest';
import { wrapProse } from '../support/wrap-prose.mjs';

const long = 'word '.repeat(40).trim();

describe('prose of a written page', () => {
  it('has at most 120 characters a line, and the same words', () => {
    const wrapped = wrapProse(`${long}\n\n- ${long}\n- short`);
    for (const line of wrapped.split('\n')) expect(line.length).toBeLessThanOrEqual(120);
    expect(wrapped.replace(/\s+/g, ' ')).toBe(`${long} - ${long} - short`);
    expect(wrapped).toContain('\n  word');
  });

  it('leaves tables, code, headings and short paragraphs as they are', () => {
    const kept = [`| ${long} |`, '', '```', long, '```', '', `# ${long}`, '', 'one', 'two', ''].join('\n');
    expect(wrapProse(kept)).toBe(kept);
  });
});
