import type { Rng } from '../../../../shared/random';
import type { Box } from '../image/box';
import { roundHalfEven } from '../image/round';

/**
 * Draws torchvision's RandomResizedCrop.get_params: ten tries of an area and a log-uniform aspect, then the largest
 * central box within the aspects.
 */
export function drawCrop(
  width: number,
  height: number,
  scale: readonly [number, number],
  ratio: readonly [number, number],
  rng: Rng,
): Box {
  const area = width * height;
  const [low, high] = [Math.log(ratio[0]), Math.log(ratio[1])];
  for (let attempt = 0; attempt < 10; attempt++) {
    const target = area * (scale[0] + (scale[1] - scale[0]) * rng.uniform());
    const aspect = Math.exp(low + (high - low) * rng.uniform());
    const w = roundHalfEven(Math.sqrt(target * aspect));
    const h = roundHalfEven(Math.sqrt(target / aspect));
    if (w > 0 && w <= width && h > 0 && h <= height)
      return { left: rng.below(width - w + 1), top: rng.below(height - h + 1), width: w, height: h };
  }
  const aspect = width / height;
  const w = aspect < ratio[0] || aspect <= ratio[1] ? width : roundHalfEven(height * ratio[1]);
  const h = aspect < ratio[0] ? roundHalfEven(width / ratio[0]) : height;
  return { left: Math.floor((width - w) / 2), top: Math.floor((height - h) / 2), width: w, height: h };
}
