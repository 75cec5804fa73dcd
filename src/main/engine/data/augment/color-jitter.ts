import { permutation, type Rng } from '../../../../shared/random';
import type { DrawnOp } from './rand-augment';

const OPS = ['BrightnessIncreasing', 'ContrastIncreasing', 'ColorIncreasing'] as const;

/**
 * Draws torchvision's ColorJitter on brightness, contrast and saturation: factors uniform around 1, in random order.
 */
export function drawColorJitter(strength: number, rng: Rng): DrawnOp[] {
  if (strength === 0) return [];
  const low = Math.max(0, 1 - strength);
  const factors = OPS.map((op): DrawnOp => ({ op, argument: low + (1 + strength - low) * rng.uniform() }));
  return [...permutation(OPS.length, rng)].map((index) => factors[index] as DrawnOp);
}
