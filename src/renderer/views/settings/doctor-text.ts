/** The doctor's findings as text, for a report. */
import type { z } from 'zod';
import type { checkSchema } from '../../../shared/contract/machine';

export type Check = z.infer<typeof checkSchema>;

export const doctorText = (checks: readonly Check[]): string =>
  checks
    .map(({ id, ok, value, cause, remedy }) =>
      [
        `${ok ? 'ok  ' : 'BAD '} ${id}: ${value}`,
        ...(ok ? [] : [`     why: ${cause ?? '-'}`, `     do:  ${remedy ?? '-'}`]),
      ].join('\n'),
    )
    .join('\n');
