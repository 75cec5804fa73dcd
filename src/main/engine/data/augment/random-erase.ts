import type { Rng } from '../../../../shared/random';
import { roundHalfEven } from '../image/round';

/**
 * Draws a rectangle of the B x B image as [top, left, height, width], or zeros (Zhong et al., AAAI 2020, with timm's
 * ranges: area 2 % to a third, aspect 0.3 to 1 / 0.3 log-uniform, ten tries).
 */
export function drawErase(side: number, probability: number, rng: Rng): [number, number, number, number] {
  if (rng.uniform() > probability) return [0, 0, 0, 0];
  const [low, high] = [Math.log(0.3), Math.log(1 / 0.3)];
  for (let attempt = 0; attempt < 10; attempt++) {
    const area = (0.02 + (1 / 3 - 0.02) * rng.uniform()) * side * side;
    const aspect = Math.exp(low + (high - low) * rng.uniform());
    const height = roundHalfEven(Math.sqrt(area * aspect));
    const width = roundHalfEven(Math.sqrt(area / aspect));
    if (width < side && height < side)
      return [rng.below(side - height + 1), rng.below(side - width + 1), height, width];
  }
  return [0, 0, 0, 0];
}
