/** Multiply-adds of a model by image side. Pure. */
import type { ModelInfo } from '../../../shared/contract/models';

/**
 * Beyond the sides that the model lists, multiply-adds grow with the number of pixels. Without a model they equal the
 * pixels.
 */
export function macsOf(model: Pick<ModelInfo, 'macs'> | null): (side: number) => number {
  if (!model) return (side) => side * side;
  const known = new Map(model.macs);
  const sides = [...known.keys()];
  const nearestTo = (side: number): number =>
    sides.reduce((best, other) => (Math.abs(other - side) < Math.abs(best - side) ? other : best), sides[0] ?? side);
  return (side) => {
    const exact = known.get(side);
    if (exact !== undefined) return exact;
    const nearest = nearestTo(side);
    return (known.get(nearest) ?? 1) * (side / nearest) ** 2;
  };
}
