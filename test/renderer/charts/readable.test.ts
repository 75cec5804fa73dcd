import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { strength } from '../../../src/renderer/views/run/draw-matrix';
import { blended, contrast, readableOn, rgbOf } from '../../../src/renderer/charts/readable';

const css = readFileSync(join(import.meta.dirname, '../../../src/renderer/styles/tokens.css'), 'utf8');
/** Returns a token's values as written, light before dark. */
const values = (token: string): string[] =>
  [...css.matchAll(new RegExp(`--${token}: (#[\\da-f]{6});`, 'g'))].map(([, value]) => value as string);

describe('text on a colour', () => {
  it('has the contrast that WCAG computes', () => {
    expect(contrast(rgbOf('#000000'), rgbOf('#ffffff'))).toBeCloseTo(21, 5);
    expect(contrast(rgbOf('#777777'), rgbOf('#ffffff'))).toBeCloseTo(4.48, 2);
    expect(rgbOf('#f0a')).toEqual(rgbOf('#ff00aa'));
    expect(() => rgbOf('red')).toThrow('red');
  });

  it('can be read in every cell of a matrix, light and dark', () => {
    const grounds = values('bg');
    expect(grounds).toHaveLength(2);
    for (const [theme, ground] of grounds.entries()) {
      for (const token of ['accent', 'bad']) {
        const colour = rgbOf(values(token)[theme] as string);
        for (let share = 0; share <= 1; share += 0.01) {
          const cell = blended(colour, rgbOf(ground), strength(share));
          expect(contrast(rgbOf(readableOn(cell)), cell), `${token} ${theme} ${share}`).toBeGreaterThanOrEqual(4.5);
        }
      }
    }
  });
});
