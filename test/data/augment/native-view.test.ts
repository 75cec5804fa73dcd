/**
 * Our op for views makes the bits of the TypeScript, which pixels.test.ts compares with PIL: of every op, of both
 * filters, of any size.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { nativeViewOf } from '../../../src/main/engine/data/augment/native-view';
import { augmentOps } from '../../../src/main/engine/data/augment/ops';
import { stepsOf } from '../../../src/main/engine/data/augment/rand-augment';
import { makeView, type View } from '../../../src/main/engine/data/augment/view';
import type { Rgb } from '../../../src/main/engine/data/image/rgb';
import { nativeImages } from '../../../src/main/engine/data/loader/native-images';
import { rngOf } from '../../../src/shared/random';
import { engineMissing } from '../../support/engine';
import { openSources } from './golden';

if (engineMissing) console.warn(`skipped: ${engineMissing}`);

let sources: Map<string, Rgb>;
beforeAll(async () => {
  sources = await openSources();
});

const FILL = [124, 116, 104] as const;
const FILTERS = ['bicubic', 'bilinear'] as const;

function expectSameView(image: Rgb, view: View, what: string): void {
  const native = nativeImages();
  if (!native?.views) throw new Error('the op is not there');
  const [ours, wanted] = [nativeViewOf(native.binding, image, view), makeView(image, view)];
  expect([ours.width, ours.height]).toEqual([wanted.width, wanted.height]);
  const differing = wanted.data.findIndex((value, at) => value !== ours.data[at]);
  expect(differing, `${what}: first differing byte`).toBe(-1);
}

/** A few that are far from even, and seeded noise. */
function images(): [string, Rgb][] {
  const rng = rngOf(7);
  const noise = (width: number, height: number): Rgb => ({
    ...{ width, height, data: Uint8Array.from({ length: width * height * 3 }, () => rng.below(256)) },
  });
  const sizes = [
    [1, 1],
    [2, 3],
    [5, 2],
    [37, 61],
    [90, 45],
  ] as const;
  return [
    ...sources,
    ...sizes.map(([width, height]): [string, Rgb] => [`noise ${width} x ${height}`, noise(width, height)]),
  ];
}

describe.skipIf(engineMissing)('the op for views', () => {
  it('resamples and mirrors to the same bits', () => {
    for (const [name, image] of images())
      for (const filter of FILTERS)
        for (const [width, height] of [
          [1, 1],
          [image.width, image.height],
          [45, 45],
          [64, 33],
          [7, 224],
        ] as const)
          for (const mirrored of [false, true]) {
            const view = { size: { width, height }, filter, fill: FILL, mirrored, steps: [] };
            expectSameView(image, view, `${name} to ${width} x ${height}, ${filter}${mirrored ? ', mirrored' : ''}`);
          }
  });

  it.each(augmentOps)('does $name', (op) => {
    for (const [name, image] of images())
      for (const filter of FILTERS)
        for (const level of [0, 0.7, 3, 9, 10])
          for (const draw of [0, 1, 2]) {
            const size = { width: 41, height: 38 };
            const argument = op.argument(level, rngOf(draw, 3));
            const view = {
              size,
              filter,
              fill: FILL,
              mirrored: false,
              steps: stepsOf([{ op: op.name, argument }], size),
            };
            expectSameView(image, view, `${name}, ${filter}, argument ${argument}`);
          }
  });

  it('takes steps one after the other', () => {
    const size = { width: 48, height: 48 };
    for (const [at, [name, image]] of images().entries())
      for (const [number, first] of augmentOps.entries()) {
        const second = augmentOps[(7 * number + at) % augmentOps.length] as (typeof augmentOps)[number];
        const drawn = [first, second].map((op) => ({ op: op.name, argument: op.argument(6, rngOf(1)) }));
        const view = { size, filter: 'bicubic' as const, fill: FILL, mirrored: true, steps: stepsOf(drawn, size) };
        expectSameView(image, view, `${name}, ${first.name}, ${second.name}`);
      }
  });

  it('refuses a box that is not in the image', () => {
    const native = nativeImages();
    const before = native?.binding.getNumOfTensors();
    const view = { size: { width: 4, height: 4 }, filter: 'bicubic' as const, fill: FILL, mirrored: false, steps: [] };
    expect(() => nativeViewOf(native!.binding, { data: new Uint8Array(11), width: 2, height: 2 }, view)).toThrow();
    expect(native?.binding.getNumOfTensors()).toBe(before);
  });
});
