/** The reason of a finding leaves out what only the command line can do. */
import { expect, it, vi } from 'vitest';
import { i18n } from '../../../src/renderer/i18n';

vi.mock('vue-i18n', async (load) => ({ ...(await load<object>()), useI18n: () => i18n.global }));
const { useReasonText } = await import('../../../src/renderer/views/datasets/use-reason-text');

it('a note on a table names no flags in the window', () => {
  const reasonOf = useReasonText();
  const said =
    'It has no byte order mark; by its signs it is windows-1252. Where it is another, say so (on the command line: --encoding NAME).';
  expect(reasonOf({ kind: 'table_note', reason: said })).toBe(
    'It has no byte order mark; by its signs it is windows-1252. Where it is another, say so.',
  );
  const split =
    'The column fold (of 5) holds no names of splits. Where it is the split, say so (on the command line: --split-column fold (of 5)).';
  expect(reasonOf({ kind: 'table_note', reason: split })).toBe(
    'The column fold (of 5) holds no names of splits. Where it is the split, say so.',
  );
});
