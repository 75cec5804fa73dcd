import { rngOf, textKey, type Rng } from '../../../../shared/random';
import type { AugmentOptions, MixParams } from '../../types';

const MIX = textKey('mix');

/**
 * Draws the logarithm of a Gamma(shape, 1) variate for any shape > 0 (Marsaglia and Tsang, 2000; below 1 by the power
 * of a uniform).
 */
function logGamma(shape: number, rng: Rng): number {
  if (shape < 1) return logGamma(shape + 1, rng) + Math.log(1 - rng.uniform()) / shape;
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = rng.normal();
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(1 - rng.uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return Math.log(d * v);
  }
}

/** Draws Beta(a, a) in 0..1. It uses logarithms because both variates of a small `a` may be too small for a float. */
export function beta(a: number, rng: Rng): number {
  const [x, y] = [logGamma(a, rng), logGamma(a, rng)];
  return 1 / (1 + Math.exp(y - x));
}

/**
 * Draws timm's rand_bbox and its corrected lam: a box of side sqrt(1 - lam) about a uniform centre, clipped to the
 * image.
 */
function cutmix(lam: number, side: number, rng: Rng): MixParams {
  const cut = Math.trunc(side * Math.sqrt(1 - lam));
  const [y, x] = [rng.below(side), rng.below(side)];
  const edge = (at: number): number => Math.min(Math.max(at, 0), side);
  const half = Math.floor(cut / 2);
  const [top, bottom, left, right] = [edge(y - half), edge(y + half), edge(x - half), edge(x + half)];
  const mask = new Float32Array(side * side).fill(1);
  for (let row = top; row < bottom; row++) mask.fill(0, row * side + left, row * side + right);
  return { kind: 'cutmix', lam: 1 - ((bottom - top) * (right - left)) / (side * side), mask };
}

/**
 * Draws the mixup (Zhang et al., 2018) or CutMix (Yun et al., 2019) of one step as timm's Mixup in mode `batch` does, a
 * pure function of (seed, step).
 */
export function mixParams(
  seed: number,
  step: number,
  side: number,
  options: Pick<AugmentOptions, 'mixup' | 'cutmix' | 'mixup_prob' | 'mixup_switch_prob'>,
): MixParams {
  const rng = rngOf(seed, MIX, step);
  const plain = (kind: 'none' | 'mixup', lam: number): MixParams => ({
    kind,
    lam,
    mask: new Float32Array(side * side).fill(lam),
  });
  const any = options.mixup > 0 || options.cutmix > 0;
  if (!any || rng.uniform() >= options.mixup_prob) return plain('none', 1);
  const useCutmix =
    options.mixup > 0 && options.cutmix > 0 ? rng.uniform() < options.mixup_switch_prob : options.cutmix > 0;
  const lam = beta(useCutmix ? options.cutmix : options.mixup, rng);
  return useCutmix ? cutmix(lam, side, rng) : plain('mixup', lam);
}
