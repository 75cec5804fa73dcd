/** Words by which the columns of public tables are recognised. */

/** Returns a column's name without case, blanks and signs: `Image_ID` and `image id` are one word. */
export const wordOf = (name: string): string =>
  name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');

const tiers = (...words: string[]): ReadonlySet<string>[] => words.map((line) => new Set(line.split(' ')));

/** Words for the path, in tiers: where words of an earlier tier are present, those of a later one are other columns. */
export const PATH_WORDS = tiers(
  'path paths filepath filepaths imagepath imagepaths imgpath imgpaths imagefilepath fullpath relativepath relpath',
  `${'file files filename filenames imagefile imagefiles imagefilename imgfile imgfilename imagename imagenames imgname fname fn'} ${'pic picname 文件 文件名 路径'}`,
  'image images img imgs picture pictures photo photos jpg jpeg png 图片 图像',
  'imageid imageids imgid imageidx imageindex imgids photoid pictureid isicid idcode fileid filenameid',
  'id ids uid uuid',
  'name names url',
);

/** Words for the label. A name is chosen before a number for it (`class_name` before `class_id`). */
export const LABEL_WORDS = tiers(
  'labelname labelnames classlabelname classname classnames categoryname targetname speciesname labeltext findinglabels',
  'label labels classlabel classlabels imagelabel imagelabels imageclass class classes category categories species diagnosis dx target targets groundtruth groundtruthlabel gt gtlabel truelabel trueclass y 标签 类别',
  'labelid labelids classid classids classindex classidx categoryid targetid speciesid labelidx labelindex',
  'emotion breed level grade variety disease condition finding tag tags type kind annotation',
);

/** Columns of true and false, and the splits that these mean. */
export const TRUE_SPLITS = new Map<string, ['train' | 'val' | 'test', 'train' | 'val' | 'test']>([
  ...['isvalid', 'isval', 'isvalidation', 'isdev'].map((word): [string, ['val', 'train']] => [word, ['val', 'train']]),
  ...['istest', 'istesting'].map((word): [string, ['test', 'train']] => [word, ['test', 'train']]),
  ...['istrain', 'istraining', 'istrainingimage'].map((word): [string, ['train', 'val']] => [word, ['train', 'val']]),
]);

/**
 * Columns of true and false that are named as a split itself. Such a word may be a class too, so that it counts only
 * beside a column of labels, and only where the column holds nothing else.
 */
const BARE_SPLITS = new Map<string, ['train' | 'val' | 'test', 'train' | 'val' | 'test']>([
  ...['train', 'training'].map((word): [string, ['train', 'val']] => [word, ['train', 'val']]),
  ...['val', 'valid', 'validation', 'dev'].map((word): [string, ['val', 'train']] => [word, ['val', 'train']]),
  ...['test', 'testing', 'holdout'].map((word): [string, ['test', 'train']] => [word, ['test', 'train']]),
]);
export const BARE_SPLIT_WORDS = [new Set(BARE_SPLITS.keys())];

/** Returns the splits that true and false mean in a column of this name. */
export const splitsOfTruth = (name: string): ['train' | 'val' | 'test', 'train' | 'val' | 'test'] | undefined =>
  TRUE_SPLITS.get(wordOf(name)) ?? BARE_SPLITS.get(wordOf(name));

/** Says whether a column of this name is a split only where its values say so. */
export const isDoubtfulSplit = (name: string): boolean => wordOf(name) === 'dataset' || BARE_SPLITS.has(wordOf(name));

export const SPLIT_WORDS = [
  ...tiers(
    'split splits subset subsets set partition partitions usage phase splitname datasplit traintest trainval traintestsplit trainvaltest 划分',
    'dataset',
  ),
  new Set(TRUE_SPLITS.keys()),
  ...tiers('fold folds kfold cvfold foldid foldidx'),
];

/** Returns the columns of the first tier that is present. */
export function columnsNamed(header: readonly string[], words: readonly ReadonlySet<string>[]): number[] {
  const own = header.map(wordOf);
  for (const tier of words) {
    const found = own.flatMap((word, index) => (tier.has(word) ? [index] : []));
    if (found.length) return found;
  }
  return [];
}
