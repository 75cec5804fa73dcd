/** Makes one training or evaluation image, as a pure function of the plan and the sample's own random streams. */
import { rngOf, textKey } from '../../../../shared/random';
import type { AugmentOptions, SampleTable } from '../../types';
import { drawColorJitter } from '../augment/color-jitter';
import { evaluationView } from '../augment/evaluation';
import { drawRandAugment, stepsOf } from '../augment/rand-augment';
import { drawCrop } from '../augment/random-resized-crop';
import { drawErase } from '../augment/random-erase';
import type { OpContext } from '../augment/step';
import type { Rgb } from '../image/rgb';
import { roundHalfEven } from '../image/round';
import type { NativeImages } from './native-images';
import { readBox, readView, sizeOf, viewer } from './read-image';

const AUGMENT = textKey('augment');
const ERASE = textKey('erase');
const ERASE_REPLAYED = textKey('erase_replayed');
const REPLACE = textKey('replace');

export interface SampleKey {
  seed: number;
  epoch: number;
  sample: number;
}

/** Applies a random-resized-crop to `size`, a flip, then RandAugment, or colour jitter where RandAugment is off. */
export async function trainImage(
  table: SampleTable,
  key: SampleKey,
  size: number,
  magnitude: number,
  options: AugmentOptions,
  native: NativeImages | null,
): Promise<Rgb> {
  const rng = rngOf(key.seed, AUGMENT, key.epoch, key.sample);
  const { width, height } = sizeOf(table, key.sample);
  const box = drawCrop(width, height, options.scale, options.ratio, rng);
  const mirrored = rng.uniform() < options.hflip;
  const drawn =
    options.auto_augment === 'randaug'
      ? drawRandAugment({ magnitude, ...options.randaug }, rng)
      : drawColorJitter(options.color_jitter, rng);
  const target = { width: size, height: size };
  const view = { ...contextOf(options), size: target, mirrored, steps: stepsOf(drawn, target) };
  return readView(table, key.sample, box, view, native);
}

function contextOf({ interpolation, mean }: AugmentOptions): OpContext {
  const fill = mean.map((value) => Math.min(255, roundHalfEven(255 * value))) as [number, number, number];
  return { filter: interpolation, fill };
}

export const eraseOf = (
  { seed, epoch, sample }: SampleKey,
  side: number,
  probability: number,
): [number, number, number, number] => drawErase(side, probability, rngOf(seed, ERASE, epoch, sample));

/**
 * Draws the erasing of an image from the replay buffer for each use, so that images pushed at another bandwidth can be
 * erased too.
 */
export const eraseOfUse = (
  { seed, step, index }: { seed: number; step: number; index: number },
  side: number,
  probability: number,
): [number, number, number, number] => drawErase(side, probability, rngOf(seed, ERASE_REPLAYED, step, index));

/**
 * Draws another sample of the same class from the sample's own stream, where its file can't be read. It is of any class
 * where this one has no other.
 */
export function replacementOf(
  { labels, count }: SampleTable,
  { seed, epoch, sample }: SampleKey,
  attempt: number,
): number {
  const rng = rngOf(seed, REPLACE, epoch, sample, attempt);
  const label = labels[sample];
  let mates = 0;
  for (let other = 0; other < count; other++) if (labels[other] === label && other !== sample) mates++;
  let left = rng.below(mates);
  if (mates === 0) return rng.below(count);
  for (let other = 0; other < count; other++)
    if (labels[other] === label && other !== sample && left-- === 0) return other;
  throw new Error('a class lost an image meanwhile');
}

export async function evaluationImage(
  table: SampleTable,
  sample: number,
  size: number,
  cropPct: number,
  filter: 'bicubic' | 'bilinear',
  native: NativeImages | null,
): Promise<Rgb> {
  return evaluationView(await readBox(table, sample, null, null), size, cropPct, filter, viewer(native));
}
