import { AppError } from '../../shared/errors';
import { filterSchema, type FrequencyFilter } from '../../shared/run-config';
import type { CommandCall } from './command';
import { textOption } from './options';

/** Parses `none`, `low_pass:RADIUS` or `high_pass:RADIUS`; undefined where it is not given. @throws AppError usage */
export function filterOption(values: CommandCall['values'], name = 'filter'): FrequencyFilter | null | undefined {
  const text = textOption(values, name);
  if (text === undefined) return undefined;
  if (text === 'none') return null;
  const [kind, radius, ...more] = text.split(':');
  const parsed = filterSchema.safeParse({ kind, radius: radius?.trim() ? Number(radius) : undefined });
  if (parsed.success && !more.length) return parsed.data;
  throw new AppError({
    code: 'usage',
    what: `--${name} ${text} can't be used.`,
    why: 'It has to be none, low_pass:RADIUS or high_pass:RADIUS, with a radius of at least 0.',
    next: 'For example --filter low_pass:16.',
  });
}
