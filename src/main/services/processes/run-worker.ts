/** The body of a process that `startWorker` starts: `PROGRAM.js HOME ID [--detached]`. */

export interface WorkerCall {
  home: string;
  id: string;
  /** Aborted by SIGTERM and SIGINT. */
  signal: AbortSignal;
  /** Aborted where the host is gone, unless the process was started to work alone. */
  gone: AbortSignal;
  /** Never aborted: who wants the trainer killed kills this process. */
  force: AbortSignal;
}

/** Works, and ends the process; with exit code 1 where `work` throws. */
export async function runWorker(program: string, work: (call: WorkerCall) => Promise<void>): Promise<never> {
  const [home, id, mode] = process.argv.slice(2);
  if (!home || !id) throw new Error(`usage: ${program}.js HOME ID [--detached]`);
  const [stop, gone, force] = [new AbortController(), new AbortController(), new AbortController()];
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop.abort());
  if (mode !== '--detached') {
    process.on('disconnect', () => gone.abort());
    if (!process.connected) gone.abort();
  }
  try {
    await work({ home, id, signal: stop.signal, gone: gone.signal, force: force.signal });
  } catch (error) {
    console.error(error);
    process.exitCode = 1;
  }
  if (process.connected) process.disconnect();
  process.exit();
}
