/** Recognises text that is no table although its name says so, and says what to do. */
import { refusal } from './refuse';

const SAVE = 'Save it as CSV with a column for the path and one for the label, and import that.';

const KINDS: { sign: RegExp; what: string; next: string }[] = [
  {
    sign: /^version https:\/\/git-lfs/i,
    what: 'It is a pointer of Git LFS: the table itself was not downloaded.',
    next: 'Run `git lfs pull` in its repository, and import it again.',
  },
  {
    sign: /^\s*<(!doctype\b|html\b)/i,
    what: 'It is a web page, not a table. A download that asks to sign in first often leaves one.',
    next: 'Download the table again, and check its content before the import.',
  },
  { sign: /^\s*<[?!a-z]/i, what: 'It is XML, not a table.', next: SAVE },
  { sign: /^\s*(\{\s*("|$)|\[\s*([[{"]|$))/, what: 'It is JSON, not a table.', next: SAVE },
  { sign: /^\s*@relation\b/i, what: 'It is an ARFF file of Weka, not a table.', next: SAVE },
];

/** Refuses such text. @param first the first line that is not blank @throws AppError bad_dataset */
export function refuseForeignText(source: string, first: string): void {
  const kind = KINDS.find(({ sign }) => sign.test(first));
  if (kind) throw refusal(source, kind.what, kind.next);
}
