/**
 * Passes signals that are sent to this process alone on to a child. A terminal sends Ctrl-C to the whole group, so the
 * child has it already.
 * @returns whether a signal has arrived, and a function that ends the passing
 */
export function passSignals(child) {
  let stopped = false;
  const stop = (signal) => {
    stopped = true;
    if (signal === 'SIGTERM' || !process.stdin.isTTY) child.kill(signal);
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  return { stopped: () => stopped, end: () => void process.off('SIGINT', stop).off('SIGTERM', stop) };
}
