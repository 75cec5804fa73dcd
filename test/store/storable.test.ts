import { expect, it } from 'vitest';
import { storable } from '../../src/main/store/storable';
import { classesEntry } from '../support/classes-entry';

it('leaves an entry that a row can hold, and says what it could not', () => {
  const entry = classesEntry(4, 'raw', [{ correct: 1, count: 1 }], [1]);
  expect(storable(entry)).toBe(entry);
  expect(storable(entry, 3)).toMatchObject({ kind: 'event', step: 4, name: 'evaluation_not_stored' });
  const event = { kind: 'event', step: 1, time: '', name: 'x', message: '' } as const;
  expect(storable(event, 0)).toBe(event);
});
