/** Handles Ctrl-C and SIGTERM of a command: the first asks it to end, the second ends it at once. */
import { AppError } from '../../shared/errors';

export interface Interruption {
  /** Aborted by the first one. */
  signal: AbortSignal;
  /** Aborted by the second Ctrl-C, right before the process ends. */
  force: AbortSignal;
}

/** Exit code of a host that waits for a trainer or for another process of ours. */
export const INTERRUPTED = 130;

/**
 * npm and the launcher pass on a signal that the terminal may have sent to the whole group already: within this time
 * they count as one press.
 */
const SAME_PRESS_MS = 150;

export const interrupted = (why: string, next: string): AppError =>
  new AppError({ code: 'interrupted', what: 'Interrupted.', why, next });

/** Calls `press` once for each Ctrl-C, however often its signal arrives. */
export function onPress(press: () => void): void {
  let last = -Infinity;
  process.on('SIGINT', () => {
    const now = performance.now();
    if (now - last < SAME_PRESS_MS) return;
    last = now;
    press();
  });
}

/** Message from an outer process of ours to the one that runs the command (engine-process.ts). */
export type OuterMessage = 'interrupt';

export function interruption(): Interruption {
  const [first, second] = [new AbortController(), new AbortController()];
  const pressed = (): void => first.abort(interrupted('Ctrl-C was pressed.', 'Press it again to end at once.'));
  process.on('SIGTERM', () => first.abort(interrupted('The process was asked to end.', 'Start the command again.')));
  if (process.connected) {
    // The outer process gets the terminal's signal too, and counts.
    process.on('SIGINT', () => undefined);
    process.on('message', (message: OuterMessage) => {
      if (message === 'interrupt') pressed();
    });
    process.on('disconnect', () => first.abort(interrupted('Its host is gone.', 'Start the command again.')));
    process.channel?.unref();
  } else {
    onPress(() => {
      if (!first.signal.aborted) return pressed();
      second.abort();
      process.exit(INTERRUPTED);
    });
  }
  return { signal: first.signal, force: second.signal };
}
