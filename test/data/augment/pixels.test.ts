/** Resampling and every op equal PIL's, torchvision's and timm's bit for bit, on photographs and on small patterns. */
import { beforeAll, describe, expect, it } from 'vitest';
import { augmentOps, randAugmentSet } from '../../../src/main/engine/data/augment/ops';
import { stepsOf, type DrawnOp } from '../../../src/main/engine/data/augment/rand-augment';
import { applySteps, type OpContext } from '../../../src/main/engine/data/augment/step';
import { centreCrop, evaluationView } from '../../../src/main/engine/data/augment/evaluation';
import { resize } from '../../../src/main/engine/data/image/resize';
import type { Rgb } from '../../../src/main/engine/data/image/rgb';
import { available, expectDigest, golden, openSources } from './golden';
import { sharedDataMissing } from '../../support/shared-data';

const applyOps = (image: Rgb, drawn: readonly DrawnOp[], context: OpContext): Rgb =>
  applySteps(image, stepsOf(drawn, image), context);

if (sharedDataMissing) console.warn(`skipped: the cases on a flower photograph (${sharedDataMissing})`);

let sources: Map<string, Rgb>;
beforeAll(async () => {
  sources = await openSources();
});
const source = (name: string): Rgb => sources.get(name) as Rgb;
const FILL = [124, 116, 104] as const;
const here = <T extends { source: string }>(cases: readonly T[]): T[] => cases.filter((one) => available(one.source));

it('decodes to the pixels that PIL decodes', () => {
  for (const [name, image] of sources)
    expectDigest(image, golden.sources[name] as (typeof golden.sources)[string], name);
});

describe.each([...new Set(golden.ops.map(({ op }) => op))])('%s', (name) => {
  it('is equal to timm on PIL, and leaves its input alone', () => {
    const cases = here(golden.ops).filter((one) => one.op === name);
    expect(cases.length).toBeGreaterThan(3);
    for (const { argument, filter, ...one } of cases) {
      const image = source(one.source);
      const before = new Uint8Array(image.data);
      expectDigest(
        applyOps(image, [{ op: name, argument }], { filter, fill: FILL }),
        one,
        `${one.source} ${argument} ${filter}`,
      );
      expect(Buffer.compare(image.data, before)).toBe(0);
    }
  });
});

it.each(here(golden.resize))('resizes $source to $width x $height, $filter, as PIL', ({ filter, ...one }) => {
  expectDigest(resize(source(one.source), one.width, one.height, filter), one, one.source);
});

it.each(here(golden.evaluation))(
  "makes timm's evaluation view of $source at $size / $crop_pct, $filter",
  ({ size, crop_pct, filter, ...one }) => {
    expectDigest(evaluationView(source(one.source), size, crop_pct, filter), one, one.source);
  },
);

it.each(here(golden.centre_crop))('crops or pads $source to $size as torchvision', ({ size, ...one }) => {
  expectDigest(centreCrop(source(one.source), size), one, one.source);
});

it.each(here(golden.jitter))(
  "makes torchvision's adjustment of $op by $argument of $source",
  ({ op, argument, ...one }) => {
    expectDigest(
      applyOps(source(one.source), [{ op: `${op}Increasing`, argument }], { filter: 'bicubic', fill: FILL }),
      one,
      one.source,
    );
  },
);

it('has every op of timm in its set', () => {
  const levels = golden.ops.map(({ op }) => op);
  expect(augmentOps.map(({ name }) => name).sort()).toEqual([...new Set(levels)].sort());
  expect(randAugmentSet(true)).toHaveLength(15);
  expect(randAugmentSet(false)).toHaveLength(15);
});
