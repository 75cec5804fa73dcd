import type { CommandCall } from '../../src/main/cli/command';

/** Returns the call of a command in this process. */
export const callOf = (
  home: string,
  positionals: string[],
  values: CommandCall['values'] = {},
  log: (line: string) => void = () => undefined,
): CommandCall => ({
  ...{ positionals, values, home, json: true, interactive: false, log, progress: () => undefined },
  ...{ signal: new AbortController().signal, force: new AbortController().signal },
});
