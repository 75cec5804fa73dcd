/** Next steps are in the window's words: none of their sentences names a command or a flag. */
import { expect, it } from 'vitest';
import en from '../../../src/renderer/i18n/en/errors';
import zh from '../../../src/renderer/i18n/zh/errors';
import { ACTION_IDS, AppError, ERROR_CODES, errorData } from '../../../src/shared/errors';
import { errorSchema } from '../../../src/shared/contract/common';

const COMMAND_LINE = /efficienttrain |npm run|(^|[\s(])--[a-z]/;
const messages = (of: Record<string, string>, ids: readonly string[], before: string): (string | undefined)[] =>
  ids.map((id) => of[`${before}${id}`]);

it.each([
  ['English', en],
  ['Chinese', zh],
])('every action and every code has its sentence in %s, without commands and flags', (_, words) => {
  const all = [...messages(words, ACTION_IDS, 'action_'), ...messages(words, ERROR_CODES, 'next_')];
  for (const text of all) {
    expect(text).toBeTruthy();
    expect(text).not.toMatch(COMMAND_LINE);
  }
  const known = new Set(ACTION_IDS.map((id) => `action_${id}`));
  expect(Object.keys(words).filter((key) => key.startsWith('action_') && !known.has(key))).toEqual([]);
});

it('an action crosses the border with its values; one that is not known is left out', () => {
  const told = { code: 'invalid_stage', what: 'What.', why: 'Why.', next: 'Use --size 224.' } as const;
  const data = errorData(new AppError({ ...told, action: { id: 'use_size', values: { size: 224 } } }));
  expect(errorSchema.parse(data)).toEqual({ ...told, action: { id: 'use_size', values: { size: 224 } } });
  expect(errorSchema.parse(told)).toEqual(told);
  expect(errorSchema.parse({ ...told, action: { id: 'from_a_later_version' } })).toEqual(told);
});
