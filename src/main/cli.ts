/**
 * `efficienttrain` parses its arguments, runs one command and prints its result. Commands are the files of
 * cli/commands, loaded one at a time.
 */
import { parseArgs } from 'node:util';
import { AppError, errorData, type ErrorData } from '../shared/errors';
import { nearestName } from '../shared/nearest-name';
import { escapeControls } from '../shared/printable';
import type { Command, CommandCall, CommandResult } from './cli/command';
import { isEngineProcess, runInEngineProcess } from './cli/engine-process';
import { commandHelp, GLOBAL_OPTIONS, programHelp } from './cli/help';
import { INTERRUPTED, interruption } from './cli/interruption';
import { needPositionals } from './cli/options';
import { Output } from './cli/output';
import { needWorkingFolder } from './cli/working-folder';
import { databasePath, resolveHome } from './base/home';
import packageJson from '../../package.json';

const files = import.meta.glob<{ command: Command }>('./cli/commands/*.ts');
const names = Object.keys(files).map((path) => path.replace(/^.*\/(.*)\.ts$/, '$1'));

const usage = (what: string, why: string, next: string): AppError => new AppError({ code: 'usage', what, why, next });

async function load(name: string): Promise<Command> {
  const file = files[`./cli/commands/${name}.ts`];
  if (!file) {
    const nearest = nearestName(name, names);
    throw usage(
      `There is no command ${name}.`,
      `The nearest is ${nearest ?? 'none'}.`,
      'Run `efficienttrain --help` for the list.',
    );
  }
  const { command } = await file();
  if (command.name !== name) throw new Error(`cli/commands/${name}.ts holds the command ${command.name}`);
  return command;
}

function parse(command: Command, args: string[]): { values: CommandCall['values']; positionals: string[] } {
  const options = { ...command.options, ...GLOBAL_OPTIONS };
  const config = Object.fromEntries(
    Object.entries(options).map(([name, { type, multiple }]) => [name, { type, ...(multiple ? { multiple } : {}) }]),
  );
  try {
    return parseArgs({ args, options: config, allowPositionals: true, strict: true }) as ReturnType<typeof parse>;
  } catch (error) {
    const unknown = /'--?([^' ]+)/.exec((error as Error).message)?.[1] ?? '';
    const hint =
      unknown && !Object.hasOwn(options, unknown)
        ? ` The nearest option is --${nearestName(unknown, Object.keys(options)) ?? ''}.`
        : '';
    throw usage(
      `The options of ${command.name} are not valid.`,
      `${(error as Error).message.split('. ')[0]}.${hint}`,
      `Run \`efficienttrain ${command.name} --help\`.`,
    );
  }
}

function errorText({ code, what, why, next }: ErrorData): string {
  if (code === 'internal') return `${why}\n${next}`;
  // A line break in a name does not end the line.
  return `${escapeControls(what)}\n  why:  ${escapeControls(why)}\n  next: ${escapeControls(next)}`;
}

const EXIT_CODES: Partial<Record<ErrorData['code'], number>> = {
  usage: 2,
  invalid_config: 2,
  invalid_stage: 2,
  interrupted: INTERRUPTED,
};

/** Returns the index of the command: the first word that is neither an option nor the value of a global one. */
const commandIndex = (args: readonly string[]): number =>
  args.findIndex(
    (arg, index) =>
      !arg.startsWith('-') && GLOBAL_OPTIONS[(args[index - 1] ?? '').replace(/^--/, '')]?.type !== 'string',
  );

/** Errors of SQLite in the middle of a command are also reported in three sentences. */
async function runCommand(command: Command, call: CommandCall): Promise<CommandResult> {
  try {
    return await command.run(call);
  } catch (error) {
    // Only commands that use SQLite load it.
    const { databaseError } = await import('./store/store-error');
    throw databaseError(error, databasePath(call.home));
  }
}

async function run(args: string[], json: boolean, output: Output): Promise<number> {
  const at = commandIndex(args);
  const name = args[at];
  if (args.includes('--version')) {
    output.result({ version: packageJson.version }, packageJson.version);
    return 0;
  }
  if (name === undefined) {
    const stray = args.find(
      (arg) =>
        !((arg.replace(/^--/, '').split('=')[0] as string) in GLOBAL_OPTIONS) && arg.startsWith('-') && arg !== '-h',
    );
    if (stray !== undefined)
      throw usage(
        `There is no option ${stray} without a command.`,
        `The nearest option is --${nearestName(stray.replace(/^-+/, ''), [...Object.keys(GLOBAL_OPTIONS), 'version']) ?? ''}.`,
        'Run `efficienttrain --help`.',
      );
    const commands = await Promise.all(names.sort().map(load));
    output.result(
      { commands: commands.map(({ name: id, summary }) => ({ name: id, summary })) },
      programHelp(commands),
    );
    return args.includes('--help') || args.includes('-h') ? 0 : 2;
  }
  const command = await load(name);
  if (args.includes('--help') || args.includes('-h')) {
    output.result({ help: commandHelp(command) }, commandHelp(command));
    return 0;
  }
  needWorkingFolder();
  const { values, positionals } = parse(command, args.toSpliced(at, 1));
  if (!command.positionals) needPositionals(command.name, positionals, 0);
  if (command.loadsEngine?.(values, positionals) && !isEngineProcess()) return runInEngineProcess(args);
  const home = resolveHome(values['home'] as string | undefined);
  const call: CommandCall = {
    ...{ positionals, values, json, home, ...interruption() },
    interactive: !json && Boolean(process.stdin.isTTY && process.stderr.isTTY),
    log: (line) => output.log(line),
    progress: (line, short) => output.progress(line, short),
  };
  const result = await runCommand(command, call);
  output.result(result.json, result.text);
  return result.exitCode ?? 0;
}

const args = process.argv.slice(2);
const json = args.includes('--json');
const output = new Output(json);
try {
  process.exitCode = await run(args, json, output);
} catch (error) {
  // The action is for the window only.
  const { code, what, why, next } = errorData(error);
  if (json) output.result({ error: { code, what, why, next } }, '');
  else output.error(errorText({ code, what, why, next }));
  process.exitCode = EXIT_CODES[code] ?? 1;
}
