/**
 * Our draws follow the distributions of timm's and torchvision's: none of 40 quantiles differs by more than chance
 * allows.
 */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { drawColorJitter } from '../../../src/main/engine/data/augment/color-jitter';
import { beta, mixParams } from '../../../src/main/engine/data/augment/mix';
import { drawRandAugment } from '../../../src/main/engine/data/augment/rand-augment';
import { drawErase } from '../../../src/main/engine/data/augment/random-erase';
import { drawCrop } from '../../../src/main/engine/data/augment/random-resized-crop';
import type { MixParams } from '../../../src/main/engine/types';
import { rngOf } from '../../../src/shared/random';

/** [value, share of draws below it, share up to it] */
type Quantiles = [number, number, number][];
type Pair = [number, number];

interface Golden {
  crop: {
    width: number;
    height: number;
    scale: Pair;
    ratio: Pair;
    top: Quantiles;
    left: Quantiles;
    box_height: Quantiles;
    box_width: Quantiles;
  }[];
  erase: { side: number; probability: number; top: Quantiles; left: Quantiles; height: Quantiles; width: Quantiles }[];
  randaug: {
    increasing: boolean;
    magnitude: number;
    images: number;
    ops: Record<string, { count: number; argument: Quantiles }>;
  }[];
  mix: {
    side: number;
    mixup: number;
    cutmix: number;
    mixup_prob: number;
    mixup_switch_prob: number;
    draws: number;
    counts: Record<MixParams['kind'], number>;
    lam: Partial<Record<MixParams['kind'], Quantiles>>;
  }[];
  jitter: {
    strength: number;
    draws: number;
    orders: Record<string, number>;
    Brightness: Quantiles;
    Contrast: Quantiles;
    Color: Quantiles;
  };
}

const golden = JSON.parse(readFileSync('test/golden/augment/draws.json', 'utf8')) as Golden;
const COUNT = 20_000;

/**
 * Largest difference of two samples' shares: 4.5 standard deviations at the middle. Seeds are fixed, so the test always
 * passes or always fails.
 */
const bound = (ours: number, theirs: number): number => 4.5 * Math.sqrt(0.25 / ours + 0.25 / theirs);

function expectShare(part: number, whole: number, theirPart: number, theirWhole: number, what: string): void {
  expect(Math.abs(part / whole - theirPart / theirWhole), what).toBeLessThan(bound(whole, theirWhole));
}

function expectSame(draws: readonly number[], quantiles: Quantiles, theirs: number, what: string): void {
  expect(draws.length, what).toBeGreaterThan(100);
  for (const [value, below, upTo] of quantiles) {
    // A real number may round differently on both sides; integers differ by more than this.
    const margin = 1e-9 * Math.abs(value);
    const shareBelow = draws.filter((draw) => draw < value - margin).length / draws.length;
    const shareUpTo = draws.filter((draw) => draw <= value + margin).length / draws.length;
    expect(Math.abs(shareBelow - below), `${what} below ${value}: ${shareBelow} and ${below}`).toBeLessThan(
      bound(draws.length, theirs),
    );
    expect(Math.abs(shareUpTo - upTo), `${what} up to ${value}: ${shareUpTo} and ${upTo}`).toBeLessThan(
      bound(draws.length, theirs),
    );
  }
}

const repeat = <T>(draw: (index: number) => T, count = COUNT): T[] =>
  Array.from({ length: count }, (_, index) => draw(index));

it.each(golden.crop)(
  'random-resized-crop of $width x $height, scale $scale, ratio $ratio',
  ({ width, height, scale, ratio, top, left, box_height, box_width }) => {
    const boxes = repeat((index) => drawCrop(width, height, scale, ratio, rngOf(1, width, index)));
    for (const box of boxes) {
      expect(
        box.left + box.width <= width &&
          box.top + box.height <= height &&
          box.left >= 0 &&
          box.top >= 0 &&
          box.width > 0 &&
          box.height > 0,
      ).toBe(true);
    }
    expectSame(
      boxes.map((box) => box.top),
      top,
      50_000,
      'top',
    );
    expectSame(
      boxes.map((box) => box.left),
      left,
      50_000,
      'left',
    );
    expectSame(
      boxes.map((box) => box.height),
      box_height,
      50_000,
      'height',
    );
    expectSame(
      boxes.map((box) => box.width),
      box_width,
      50_000,
      'width',
    );
  },
);

it.each(golden.erase)(
  'random erasing of $side x $side with probability $probability',
  ({ side, probability, ...wanted }) => {
    const boxes = repeat((index) => drawErase(side, probability, rngOf(2, side, index)));
    (['top', 'left', 'height', 'width'] as const).forEach((name, column) =>
      expectSame(
        boxes.map((box) => box[column] as number),
        wanted[name],
        25_000,
        name,
      ),
    );
  },
);

it('random erasing always and never', () => {
  expect(
    repeat((index) => drawErase(32, 0, rngOf(3, index)), 1000).every((box) => box.every((value) => value === 0)),
  ).toBe(true);
  expect(
    repeat((index) => drawErase(32, 1, rngOf(3, index)), 1000).every(([, , height, width]) => height > 0 && width > 0),
  ).toBe(true);
});

it.each(golden.randaug)(
  'RandAugment at magnitude $magnitude, increasing $increasing',
  ({ increasing, magnitude, images, ops }) => {
    const drawn = repeat((index) =>
      drawRandAugment({ magnitude, num_ops: 2, mstd: 0.5, increasing }, rngOf(4, magnitude, index)),
    ).flat();
    expect([...new Set(drawn.map(({ op }) => op))].sort()).toEqual(Object.keys(ops).sort());
    for (const [name, { count, argument }] of Object.entries(ops)) {
      const own = drawn.filter(({ op }) => op === name);
      expectShare(own.length, 2 * COUNT, count, 2 * images, name);
      expectSame(
        own.map((one) => one.argument),
        argument,
        count,
        name,
      );
    }
  },
);

it('RandAugment draws one op or four, and none of another magnitude without noise', () => {
  for (const num_ops of [1, 4]) {
    const counts = repeat(
      (index) => drawRandAugment({ magnitude: 5, num_ops, mstd: 0, increasing: true }, rngOf(5, num_ops, index)).length,
      4000,
    );
    expect(Math.max(...counts)).toBe(num_ops);
    expectShare(
      counts.reduce((sum, count) => sum + count, 0),
      4000 * num_ops,
      1,
      2,
      'applied',
    );
  }
  const rotations = repeat(
    (index) => drawRandAugment({ magnitude: 5, num_ops: 2, mstd: 0, increasing: true }, rngOf(6, index)),
    2000,
  )
    .flat()
    .filter(({ op }) => op === 'Rotate');
  expect([...new Set(rotations.map(({ argument }) => argument))].sort((a, b) => a - b)).toEqual([-15, 15]);
});

it.each(golden.mix)(
  'mixup $mixup, cutmix $cutmix, probability $mixup_prob, switch $mixup_switch_prob at $side',
  ({ side, draws, counts, lam, ...options }) => {
    const made = repeat((step) => mixParams(11, step, side, options), 6000);
    for (const kind of ['none', 'mixup', 'cutmix'] as const) {
      const own = made.filter((one) => one.kind === kind);
      expectShare(own.length, made.length, counts[kind], draws, kind);
      const wanted = lam[kind];
      if (wanted)
        expectSame(
          own.map((one) => one.lam),
          wanted,
          counts[kind],
          kind,
        );
    }
    for (const { kind, lam: share, mask } of made.slice(0, 200)) {
      expect(mask).toHaveLength(side * side);
      const mean = mask.reduce((sum, value) => sum + value, 0) / mask.length;
      expect(mean).toBeCloseTo(share, 5);
      if (kind === 'cutmix') expect([...new Set(mask)].every((value) => value === 0 || value === 1)).toBe(true);
    }
  },
);

it('mixes by (seed, step) alone, and not at all where both are off', () => {
  const options = { mixup: 0.8, cutmix: 1, mixup_prob: 1, mixup_switch_prob: 0.5 };
  expect(mixParams(1, 5, 16, options)).toEqual(mixParams(1, 5, 16, options));
  expect(mixParams(1, 5, 16, options).lam).not.toBe(mixParams(1, 6, 16, options).lam);
  expect(mixParams(1, 5, 16, options).lam).not.toBe(mixParams(2, 5, 16, options).lam);
  const none = mixParams(1, 5, 16, { ...options, mixup: 0, cutmix: 0 });
  expect([none.kind, none.lam, none.mask.every((value) => value === 1)]).toEqual(['none', 1, true]);
});

it('beta is sound for any shape', () => {
  for (const shape of [1e-4, 0.01, 0.3, 1, 5, 1000]) {
    const draws = repeat((index) => beta(shape, rngOf(12, index)), 4000);
    expect(draws.every((value) => value >= 0 && value <= 1)).toBe(true);
    const mean = draws.reduce((sum, value) => sum + value, 0) / draws.length;
    const variance = draws.reduce((sum, value) => sum + (value - mean) ** 2, 0) / draws.length;
    expect(Math.abs(mean - 0.5)).toBeLessThan(4.5 * Math.sqrt(1 / (4 * (2 * shape + 1) * 4000)));
    expect(variance * 4 * (2 * shape + 1)).toBeGreaterThan(0.9);
    expect(variance * 4 * (2 * shape + 1)).toBeLessThan(1.1);
  }
});

it('colour jitter of 0.4', () => {
  const { strength, draws, orders, ...factors } = golden.jitter;
  const made = repeat((index) => drawColorJitter(strength, rngOf(13, index)), 10_000);
  const names = ['Brightness', 'Contrast', 'Color'] as const;
  for (const name of names)
    expectSame(
      made.map((ops) => ops.find(({ op }) => op === `${name}Increasing`)?.argument as number),
      factors[name],
      draws,
      name,
    );
  for (const [order, count] of Object.entries(orders)) {
    const wanted = [...order].map((index) => `${names[Number(index)]}Increasing`).join();
    expectShare(
      made.filter((ops) => ops.map(({ op }) => op).join() === wanted).length,
      made.length,
      count,
      draws,
      order,
    );
  }
  expect(drawColorJitter(0, rngOf(1))).toEqual([]);
});
