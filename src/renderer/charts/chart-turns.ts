/**
 * Charts are drawn in turn: as many in a frame as leave time to respond to the user, the rest in the next. New data is
 * drawn for all of them together, at most four times a second and less often where drawing is slow, because every frame
 * costs the whole window.
 */
const FRAME_MS = 16;
const LEAST_MS = 250;
const MOST_MS = 1000;
/** Share of the time that drawing new data may take. */
const SHARE = 0.06;

type Draw = () => void;

const waiting = new Set<Draw>();
const unhurried = new Set<Draw>();
let frame: number | null = null;
let timer: ReturnType<typeof setTimeout> | null = null;
/** When charts were drawn last, and how long all of them took. */
let [last, cost] = [-Infinity, 0];

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
    cost += performance.now() - began;
    if (waiting.size) frame = requestAnimationFrame(run);
  }
}

function begin(): void {
  if (frame !== null) return;
  [last, cost] = [performance.now(), 0];
  frame = requestAnimationFrame(run);
}

/** Draws in the next frame, or as soon after it as the charts before it allow; once, however often it is requested. */
export function takeTurn(draw: Draw): void {
  waiting.add(draw);
  begin();
}

function together(): void {
  timer = null;
  for (const draw of unhurried) waiting.add(draw);
  unhurried.clear();
  begin();
}

/** Draws with all others that have something new, when it is time. */
export function takeTurnLater(draw: Draw): void {
  if (waiting.has(draw)) return;
  unhurried.add(draw);
  const pause = Math.min(Math.max(cost / SHARE, LEAST_MS), MOST_MS);
  timer ??= setTimeout(together, Math.max(0, last + pause - performance.now()));
}

export function leaveTurn(draw: Draw): void {
  waiting.delete(draw);
  unhurried.delete(draw);
}
