/**
 * What a command of `efficienttrain` is. One file in commands/ per command, default export; the folder is the registry.
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
  /** True on a terminal that can be asked questions (stdin and stderr are terminals, and not --json). */
  interactive: boolean;
  /** First Ctrl-C aborts it; the second ends the process at once. */
  signal: AbortSignal;
  /** Aborted by the second Ctrl-C, right before the process ends: what must not live on is ended here. */
  force: AbortSignal;
  /** A plain line for the reader: stdout, or stderr with --json. */
  log: (line: string) => void;
  /**
   * A line that replaces the one before on a terminal, by its short form where that is narrow; elsewhere printed at
   * most every few seconds.
   */
  progress: (line: string, short?: string) => void;
}

export interface CommandResult {
  /** The one JSON document of --json. */
  json: unknown;
  /** What is printed otherwise; may be empty where `log` has said it all. */
  text: string;
  /** 0 unless said: 1 failed, 2 wrong use, 130 interrupted. */
  exitCode?: number;
}

export interface Command {
  name: string;
  summary: string;
  /** After the name, e.g. `SOURCE` or `RUN RUN...`. */
  positionals: string;
  options: Record<string, CommandOption>;
  /** At least one full command line that works. */
  examples: string[];
  /** Whether it loads TensorFlow into its own process, which is then a child (engine-process.ts). */
  loadsEngine?: (values: CommandCall['values'], positionals: readonly string[]) => boolean;
  run: (call: CommandCall) => Promise<CommandResult>;
}
