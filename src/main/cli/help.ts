import type { Command, CommandOption } from './command';

export const GLOBAL_OPTIONS: Record<string, CommandOption> = {
  json: { type: 'boolean', description: 'print exactly one JSON document on stdout; progress goes to stderr' },
  home: {
    type: 'string',
    value: 'DIR',
    description: 'data folder: database, runs, caches (default: EFFICIENTTRAIN_HOME, else the XDG data folder)',
  },
  help: { type: 'boolean', description: 'show this' },
};

function optionLines(options: Record<string, CommandOption>): string[] {
  const names = Object.entries(options).map(
    ([name, { type, value }]) => `  --${name}${type === 'string' ? ` ${value ?? 'VALUE'}` : ''}`,
  );
  const width = Math.max(...names.map((name) => name.length)) + 2;
  return Object.values(options).map(
    ({ description, multiple }, index) =>
      `${(names[index] as string).padEnd(width)}${description}${multiple ? ' (may be repeated)' : ''}`,
  );
}

export function commandHelp(command: Command): string {
  const lines = [`efficienttrain ${command.name} ${command.positionals}`.trimEnd(), '', command.summary, ''];
  if (Object.keys(command.options).length) lines.push('Options:', ...optionLines(command.options), '');
  lines.push(
    'Always:',
    ...optionLines(GLOBAL_OPTIONS),
    '',
    command.examples.length > 1 ? 'Examples:' : 'Example:',
    ...command.examples.map((example) => `  ${example}`),
  );
  return lines.join('\n');
}

export function programHelp(commands: readonly Pick<Command, 'name' | 'summary' | 'positionals'>[]): string {
  const heads = commands.map(({ name, positionals }) => `  ${name} ${positionals}`.trimEnd());
  const width = Math.max(...heads.map((head) => head.length)) + 2;
  return [
    'efficienttrain COMMAND [OPTIONS]',
    '',
    'Trains vision backbones with the EfficientTrain++ curriculum, offline.',
    '',
    'Commands:',
    ...commands.map(({ summary }, index) => `${(heads[index] as string).padEnd(width)}${summary}`),
    '',
    'efficienttrain COMMAND --help says more. Exit codes: 0 done, 1 failed, 2 wrong use, 130 interrupted.',
    '',
    'Example:',
    '  efficienttrain import photos/ --yes && efficienttrain train --dataset photos --model resnet18 --size 128 --epochs 20',
  ].join('\n');
}
