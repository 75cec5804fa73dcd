/** Parses `init` of a configuration: it names a checkpoint of a run, or a file. */

/**
 * Returns the run of `run:RUN` or `run:RUN@STEP`; a `step` of null means its best checkpoint. Null where it names a
 * file.
 */
export function runOfInit(init: string): { run: string; step: number | null } | null {
  const [, run, step] = /^run:(.+?)(?:@(\d+))?$/.exec(init) ?? [];
  return run === undefined ? null : { run, step: step === undefined ? null : Number(step) };
}
