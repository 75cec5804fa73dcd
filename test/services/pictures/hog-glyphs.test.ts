/** The strokes with which histograms of oriented gradients are drawn. */
import { describe, expect, it } from 'vitest';
import { glyphsSvg, hogGlyphs, orientations } from '../../../src/main/services/pictures/hog-glyphs';

const grid = { size: 32, patch: 16 };
/** Numbers of a patch, whose cells of 8 px are two by two. */
const WIDTH = 9 * 3 * 4;
/** Sets one number of one patch, in the order channel, bin, row of the cell, column of the cell. */
function only(place: number, [channel, bin, row, column]: [number, number, number, number], value = 255): Uint8Array {
  const numbers = new Uint8Array(4 * WIDTH);
  numbers[place * WIDTH + ((channel * 9 + bin) * 2 + row) * 2 + column] = value;
  return numbers;
}

describe('orientations', () => {
  it('are found of the cell where they belong, whatever the channel', () => {
    // The lower left cell of the second patch is in row 1, column 2 of four by four cells.
    for (const channel of [0, 1, 2]) {
      const found = orientations(only(1, [channel, 5, 1, 0]), grid);
      expect([...found.keys()].filter((at) => found[at] !== 0)).toEqual([(1 * 4 + 2) * 9 + 5]);
    }
  });

  it('of the three channels are added up', () => {
    const numbers = only(0, [0, 3, 0, 0], 10);
    only(0, [2, 3, 0, 0], 20).forEach((value, at) => (numbers[at] = (numbers[at] as number) + value));
    expect(orientations(numbers, grid)[3]).toBe(30);
  });
});

describe('glyphs', () => {
  it('lie along the edge: a change from left to right is an upright stroke, as long as its cell', () => {
    // The middle bin is at a right angle to the first axis, so its gradient points to the right.
    const [stroke, ...others] = hogGlyphs(only(3, [1, 4, 1, 1]), grid);
    expect(others).toEqual([]);
    const [[x1, y1], [x2, y2]] = [stroke?.from ?? [0, 0], stroke?.to ?? [0, 0]];
    expect([x1, x2].map((x) => Math.round(x))).toEqual([28, 28]);
    expect([y1, y2].sort((a, b) => a - b)).toEqual([24, 32].map((y) => expect.closeTo(y, 9)));
    expect(stroke?.strength).toBe(1);
  });

  it('leave out what is too faint to say anything', () => {
    const numbers = only(0, [0, 0, 0, 0], 200);
    only(0, [0, 7, 0, 0], 10).forEach((value, at) => (numbers[at] = (numbers[at] as number) + value));
    expect(hogGlyphs(numbers, grid)).toHaveLength(1);
    expect(hogGlyphs(new Uint8Array(4 * WIDTH), grid)).toEqual([]);
  });

  it('are drawn in the coordinates of the image', () => {
    const svg = glyphsSvg(hogGlyphs(only(0, [0, 4, 0, 0]), grid), 32, 320);
    expect(svg).toContain('width="320" height="320" viewBox="0 0 32 32"');
    expect(svg.match(/<line /g)).toHaveLength(1);
  });
});
