/**
 * Interface of a command of `efficienttrain`. Each command is one file in commands/ with a default export; the folder
 * is the registry.
 */
export interface CommandOption {
  type: 'string' | 'boolean';
  /** Name of the value in the help, e.g. `N` or `FILE`. */
  value?: string;
  multiple?: boolean;
  description: string;
}

export interface CommandCall {
  positionals: string[];
  /** Parsed options by their long name without dashes; unknown ones are refused before `run`. */
  values: Record<string, string | boolean | string[] | undefined>;
  /** Data folder: database, runs, caches. */
  home: string;
  json: boolean;
  /** Whether questions can be asked (stdin and stderr are terminals, and --json is not given). */
  interactive: boolean;
  /** The first Ctrl-C aborts it; the second ends the process at once. */
  signal: AbortSignal;
  /** Aborted by the second Ctrl-C, right before the process ends: what must not outlive it is ended here. */
  force: AbortSignal;
  /** Prints a plain line: to stdout, or to stderr with --json. */
  log: (line: string) => void;
  /**
   * Prints a line that replaces the one before on a terminal, by its short form where that is narrow; elsewhere it is
   * printed at most every few seconds.
   */
  progress: (line: string, short?: string) => void;
}

export interface CommandResult {
  /** The one JSON document of --json. */
  json: unknown;
  /** The text printed without --json; it may be empty where `log` has printed everything. */
  text: string;
  /** Exit code, 0 by default: 1 failed, 2 wrong use, 130 interrupted. */
  exitCode?: number;
}

export interface Command {
  name: string;
  summary: string;
  /** Arguments after the name, e.g. `SOURCE` or `RUN RUN...`. */
  positionals: string;
  options: Record<string, CommandOption>;
  /** At least one full command line that works. */
  examples: string[];
  /** Whether it loads TensorFlow into its own process, which is then a child (engine-process.ts). */
  loadsEngine?: (values: CommandCall['values'], positionals: readonly string[]) => boolean;
  run: (call: CommandCall) => Promise<CommandResult>;
}
