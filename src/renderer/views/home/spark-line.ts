/** Makes a small curve's path in a box, scaled to its own range, with a gap where a value is missing. */
export interface SparkBox {
  width: number;
  height: number;
  /** Margin at every side, so that the line's own width and its last point stay inside. */
  inset: number;
}

export interface Spark {
  path: string;
  /** Position of the last value; null without one. */
  end: { x: number; y: number } | null;
}

export function sparkOf(
  x: readonly number[],
  y: readonly (number | null)[],
  { width, height, inset }: SparkBox,
  to: number | null = null,
): Spark {
  const finite = y.filter((value): value is number => value !== null && Number.isFinite(value));
  if (!finite.length) return { path: '', end: null };
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  const first = x[0] ?? 0;
  const last = Math.max(to ?? (x.at(-1) as number), first);
  const atX = (value: number): number =>
    last === first ? width - inset : inset + ((value - first) / (last - first)) * (width - 2 * inset);
  // A flat line runs through the middle.
  const atY = (value: number): number =>
    high === low ? height / 2 : height - inset - ((value - low) / (high - low)) * (height - 2 * inset);
  let path = '';
  let drawing = false;
  let end: Spark['end'] = null;
  for (const [index, value] of y.entries()) {
    if (value === null || !Number.isFinite(value)) {
      drawing = false;
      continue;
    }
    end = { x: atX(x[index] as number), y: atY(value) };
    path += `${drawing ? 'L' : 'M'}${end.x.toFixed(1)} ${end.y.toFixed(1)}`;
    drawing = true;
  }
  return { path, end };
}
