/** Words for the splits, as folders and columns of public data sets spell them. */
import type { Split } from '../../../../shared/splits';

const WORDS = new Map<string, Split>([
  ...['train', 'training', 'trn', 'tr', 'trainval', 'learn', 'learning', 'fit', '训练'].map((word): [string, Split] => [
    word,
    'train',
  ]),
  ...['val', 'valid', 'validation', 'validate', 'vld', 'va', 'minival', 'dev', 'development', 'eval', 'evaluation'].map(
    (word): [string, Split] => [word, 'val'],
  ),
  // FER2013 names its two held-out parts by who could see them.
  ...['publictest', '验证'].map((word): [string, Split] => [word, 'val']),
  ...['test', 'testing', 'tst', 'te', 'holdout', 'heldout', 'privatetest', '测试'].map((word): [string, Split] => [
    word,
    'test',
  ]),
]);

/** Words that mean nothing beside the split's own: `training_set`, `seg_train`, `Test-Images`, `val2017`. */
const FILLERS =
  /^(the|set|sets|split|subset|data|dataset|seg|images?|imgs?|pictures?|photos?|files?|folder|dir|samples?|(19|20)\d\d)$/;

/** Returns the split that a word names; null where it names none. */
export function splitOfWord(text: string): Split | null {
  const parts =
    text
      .normalize('NFKC')
      .toLowerCase()
      .match(/\p{L}+|\d+/gu) ?? [];
  const said = parts.filter((part) => !FILLERS.test(part)).join('');
  const own = said.replace(/(?<=.)(set|data|split|集)$/u, '');
  return WORDS.get(said) ?? WORDS.get(own) ?? null;
}
