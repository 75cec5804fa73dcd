import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { contrast, rgbOf } from '../../../src/renderer/charts/readable';
import { RAMP, stageColour, stageHex } from '../../../src/renderer/charts/stage-ramp';

const css = readFileSync(join(import.meta.dirname, '../../../src/renderer/styles/tokens.css'), 'utf8');

/** Returns a token's value in one of the two themes. */
function themeOf(name: 'light' | 'dark'): (token: string) => string {
  const blocks = css.split('}').filter((block) => block.includes(`[data-theme='${name}']`));
  return (token) => {
    const found = blocks.map((block) => new RegExp(`${token}:\\s*(#[\\da-f]{6})`).exec(block)?.[1]).find(Boolean);
    if (!found) throw new Error(`${name} has no ${token}`);
    return found;
  };
}

const SHARES = Array.from({ length: 201 }, (_, at) => at / 200);
const distance = (one: string, other: string): number =>
  Math.max(...rgbOf(one).map((value, at) => Math.abs(value - (rgbOf(other)[at] as number))));

describe.each(['light', 'dark'] as const)('the ramp of stages, %s', (name) => {
  const colour = themeOf(name);
  const at = (share: number): string => stageHex(share, colour);

  it('has a contrast of at least 3 : 1 to every background of the window', () => {
    for (const ground of ['--bg', '--bg-raised', '--bg-sunk', '--bg-hover', '--bg-selected']) {
      for (const share of SHARES) {
        expect(contrast(rgbOf(at(share)), rgbOf(colour(ground))), `${ground} at ${share}`).toBeGreaterThanOrEqual(3);
      }
    }
  });

  it('is continuous, and passes through its tokens', () => {
    for (const [share, token] of RAMP) expect(distance(at(share), colour(token))).toBeLessThanOrEqual(1);
    for (const share of SHARES.slice(1)) expect(distance(at(share), at(share - 1 / 200))).toBeLessThan(16);
  });

  it('tells the published sides apart', () => {
    const sides = [96, 128, 160, 192, 224].map((side) => at(side / 224));
    sides.forEach((one, index) => {
      for (const other of sides.slice(index + 1)) expect(distance(one, other)).toBeGreaterThan(24);
    });
  });

  it('says the frequency alone: equal B / final, equal colour', () => {
    expect(at(24 / 64)).toBe(at(84 / 224));
    expect(at(1)).toBe(at(1.4));
    expect(at(-1)).toBe(at(0));
  });
});

describe('in a stylesheet', () => {
  it('is the same mix, and follows the theme', () => {
    expect(stageColour(1)).toBe('color-mix(in oklab, var(--stage-4) 100%, var(--stage-3))');
    expect(stageColour(0.5)).toBe('color-mix(in oklab, var(--stage-2) 50%, var(--stage-1))');
    expect(stageColour(0)).toBe('color-mix(in oklab, var(--stage-1) 0%, var(--stage-0))');
  });
});
