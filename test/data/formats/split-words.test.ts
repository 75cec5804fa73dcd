/** Words for the splits, as folders and columns spell them. */
import { expect, it } from 'vitest';
import { splitOfWord } from '../../../src/main/engine/data/scan/split-words';

it.each([
  [
    'train',
    ['train', 'Training', 'TRAIN', 'training_set', 'trainset', 'seg_train', 'train_data', 'Train Images', 'train2017'],
  ],
  ['train', ['trainval', 'trn', '训练集', 'dataset_train', 'training-samples', 'train_split']],
  [
    'val',
    [
      'val',
      'valid',
      'validation',
      'Validation_Set',
      'valset',
      'dev',
      'eval',
      'evaluation',
      'val2014',
      'PublicTest',
      '验证集',
    ],
  ],
  [
    'test',
    ['test', 'Testing', 'test_set', 'seg_test', 'testset', 'holdout', 'hold-out', 'held_out', 'PrivateTest', '测试'],
  ],
  [null, ['', 'set', 'data', '2017', 'cat', 'trainer', 'train station', 'latest', 'contest', '0', 'constructor']],
])('%s: %j', (split, words) => {
  expect(words.map((word) => [word, splitOfWord(word)])).toEqual(words.map((word) => [word, split]));
});
