/** Charts are drawn in turn: as many in a frame as leave time to answer what the user does, the rest in the next. */
const FRAME_MS = 16;

const waiting = new Set<() => void>();
let frame: number | null = null;

function run(): void {
  frame = null;
  const began = performance.now();
  try {
    for (const draw of waiting) {
      waiting.delete(draw);
      draw();
      if (performance.now() - began > FRAME_MS) break;
    }
  } finally {
    if (waiting.size) frame = requestAnimationFrame(run);
  }
}

/** In the next frame, or as soon after it as the charts before it allow; once, however often it is asked for. */
export function takeTurn(draw: () => void): void {
  waiting.add(draw);
  frame ??= requestAnimationFrame(run);
}

export const leaveTurn = (draw: () => void): boolean => waiting.delete(draw);

export const hasTurn = (draw: () => void): boolean => waiting.has(draw);
