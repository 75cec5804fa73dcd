import { AppError } from '../../shared/errors';
import type { CommandCall } from './command';

type Values = CommandCall['values'];

export const textOption = (values: Values, name: string): string | undefined => {
  const value = values[name];
  return typeof value === 'string' ? value : undefined;
};

/** Parses a number. @throws AppError usage where it is no number or out of range */
export function numberOption(values: Values, name: string, fallback: number, low = -Infinity, high = Infinity): number {
  return optionalNumber(values, name, low, high) ?? fallback;
}

export function optionalNumber(values: Values, name: string, low = -Infinity, high = Infinity): number | undefined {
  const text = textOption(values, name);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value >= low && value <= high) return value;
  const range =
    high !== Infinity
      ? low !== -Infinity
        ? ` between ${low} and ${high}`
        : ` of at most ${high}`
      : low !== -Infinity
        ? ` of at least ${low}`
        : '';
  throw new AppError({
    code: 'usage',
    what: `--${name} ${text} can't be used.`,
    why: `It has to be a number${range}.`,
    next: 'Correct the option.',
  });
}

/** Parses one of a few words. @throws AppError usage */
export function choiceOption<const T extends string>(
  values: Values,
  name: string,
  choices: readonly T[],
  fallback: NoInfer<T>,
): T {
  const text = textOption(values, name) ?? fallback;
  const found = choices.find((choice) => choice === text);
  if (found) return found;
  throw new AppError({
    code: 'usage',
    what: `--${name} ${text} can't be used.`,
    why: `It has to be one of ${choices.join(', ')}.`,
    next: 'Correct the option.',
  });
}

/** Returns the positional arguments, whose number is fixed. @throws AppError usage */
export function needPositionals(
  name: string,
  positionals: readonly string[],
  least: number,
  most = least,
): readonly string[] {
  if (positionals.length >= least && positionals.length <= most) return positionals;
  const wanted = least === most ? `${least}` : most === Infinity ? `at least ${least}` : `${least} to ${most}`;
  throw new AppError({
    code: 'usage',
    what: `${name} takes ${wanted} argument${wanted === '1' ? '' : 's'}.`,
    why: `${positionals.length} were given.`,
    next: `Run \`efficienttrain ${name} --help\`.`,
  });
}

/** Parses a count. @throws AppError usage where it is no whole number of at least 1 */
export function optionalCount(values: Values, name: string): number | undefined {
  const value = optionalNumber(values, name, 1);
  if (value === undefined || Number.isInteger(value)) return value;
  throw new AppError({
    code: 'usage',
    what: `--${name} ${value} is not a whole number.`,
    why: `--${name} is a count.`,
    next: 'Give a whole number of at least 1.',
  });
}

/** Refuses options that have no effect here, instead of ignoring them. @throws AppError usage */
export function refuseOptions(
  values: Values,
  names: readonly string[],
  { where, why, next }: { where: string; why: string; next?: string },
): void {
  const given = names.find((name) => values[name] !== undefined);
  if (given === undefined) return;
  throw new AppError({
    ...{ code: 'usage', what: `--${given} can't be used ${where}.`, why },
    next: next ?? `Leave out --${given}.`,
  });
}
