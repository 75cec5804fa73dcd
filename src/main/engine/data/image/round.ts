/**
 * Rounds as Python does: halves go to the even neighbour. PIL, torchvision and timm round boxes and colours this way.
 */
export function roundHalfEven(value: number): number {
  const down = Math.floor(value);
  return value - down === 0.5 ? down + (down % 2) : Math.round(value);
}
