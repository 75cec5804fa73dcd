/** Multiply-adds of a model by image side. Pure. */
import type { ModelInfo } from '../../../shared/contract/models';

/**
 * Returns the parabola through three points. Convolutions and linear layers cost in proportion to the pixels, attention
 * to their square, so multiply-adds over the pixels are one.
 */
function parabola(points: readonly (readonly [number, number])[]): (pixels: number) => number {
  return (pixels) =>
    points.reduce((sum, [own, value], at) => {
      const others = points.filter((_, other) => other !== at);
      return sum + others.reduce((term, [other]) => (term * (pixels - other)) / (own - other), value);
    }, 0);
}

/** Shares of the largest listed side at which multiply-adds are taken to extrapolate them. */
const SHARES = [1, 3 / 4, 1 / 2];

/**
 * Beyond the sides that the model lists, multiply-adds are extrapolated, up to 1024 px within 1.5 % of the network's
 * (CSWin's stripes grow with the side, so that its cost is no parabola). Without a model they equal the pixels.
 */
export function macsOf(model: Pick<ModelInfo, 'macs'> | null): (side: number) => number {
  if (!model) return (side) => side * side;
  const known = new Map(model.macs);
  const sides = [...known.keys()];
  const nearestTo = (side: number): number =>
    sides.reduce((best, other) => (Math.abs(other - side) < Math.abs(best - side) ? other : best), sides[0] ?? side);
  const largest = Math.max(...sides);
  const taken = [...new Set(SHARES.map((share) => nearestTo(share * largest)))];
  const beyond = parabola(taken.map((side) => [side ** 2, known.get(side) ?? 1] as const));
  return (side) => {
    const exact = known.get(side);
    if (exact !== undefined) return exact;
    if (side > largest && taken.length === SHARES.length) return beyond(side ** 2);
    const nearest = nearestTo(side);
    return (known.get(nearest) ?? 1) * (side / nearest) ** 2;
  };
}
