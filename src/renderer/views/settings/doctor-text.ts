/** Words the doctor's findings in the window's language, and as text for a report. */
import type { z } from 'zod';
import type { checkSchema } from '../../../shared/contract/machine';

export type Check = z.infer<typeof checkSchema>;

export type Translate = (key: string, values?: Record<string, unknown>) => string;

/** Says whether a check is neither good nor bad: a machine without a GPU trains, only slower. */
export const isNeutral = ({ ok, facts }: Check): boolean =>
  ok && facts.some((fact) => typeof fact !== 'string' && fact.word === 'no_gpu');

/** Words the findings in the language of the window. */
export const factsText = (facts: Check['facts'], t: Translate): string =>
  facts
    .map((fact) => (typeof fact === 'string' ? fact : t(`settings.found_${fact.word}`, fact.values)))
    .reduce((first, rest) => t('settings.between_facts', { first, rest }));

/** Words a report in English, whatever the window's language. */
export const doctorText = (checks: readonly Check[]): string =>
  checks
    .map(({ id, ok, value, cause, remedy }) =>
      [
        `${ok ? 'ok  ' : 'BAD '} ${id}: ${value}`,
        ...(ok ? [] : [`     why: ${cause ?? '-'}`, `     do:  ${remedy ?? '-'}`]),
      ].join('\n'),
    )
    .join('\n');
