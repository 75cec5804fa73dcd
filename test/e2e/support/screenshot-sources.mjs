/**
 * Sources of the pictures' imports: folders and a table with typical problems. `home` is the folder that gets them,
 * `sample` the bundled photographs.
 */
import { cpSync, mkdirSync, readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Makes photographs with problems: a truncated file, a duplicate, the same image with two labels, and one in both
 * splits.
 */
export function photographs(home, sample) {
  const target = join(home, 'photographs');
  for (const split of ['train', 'val'])
    for (const name of ['zero', 'two', 'five'])
      for (const file of readdirSync(join(sample, split, name))
        .sort()
        .slice(0, split === 'train' ? 40 : 10)) {
        mkdirSync(join(target, split, name), { recursive: true });
        cpSync(join(sample, split, name, file), join(target, split, name, file));
      }
  const of = (name, index) => join(target, 'train', name, readdirSync(join(target, 'train', name)).sort()[index]);
  cpSync(of('two', 3), join(target, 'train', 'two', 'again.jpg'));
  cpSync(of('two', 5), join(target, 'train', 'five', 'which.jpg'));
  cpSync(of('zero', 2), join(target, 'val', 'zero', 'seen.jpg'));
  truncateSync(of('five', 8), 900);
  return target;
}

const signs = (sample, name) => {
  const from = join(sample, 'train', name);
  return readdirSync(from)
    .sort()
    .map((file) => join(from, file));
};

/** Makes folders that may be classes or splits. */
export function parts(home, sample) {
  const target = join(home, 'gestures');
  for (const [at, part] of ['part one', 'part two'].entries())
    for (const name of ['zero', 'two', 'five']) {
      mkdirSync(join(target, part, name), { recursive: true });
      for (const [index, file] of signs(sample, name)
        .slice(30 * at, 30 * (at + 1))
        .entries())
        cpSync(file, join(target, part, name, `${index}.jpg`));
    }
  return target;
}

/**
 * Makes a table in a Windows code page, with folds in place of splits, a useless column, a row without a label and a
 * file with another name.
 */
export function table(home, sample) {
  const target = join(home, 'cards');
  mkdirSync(target, { recursive: true });
  const labels = { zero: 'Null', two: 'Zwei', five: 'Fünf' };
  const rows = Object.entries(labels).flatMap(([name, label]) =>
    signs(sample, name)
      .slice(0, 40)
      .map((file, index) => {
        const to = `${name}${index}.jpg`;
        cpSync(file, join(target, to));
        return [
          index === 3 ? to.toUpperCase() : to,
          index === 5 && name === 'two' ? '' : label,
          index % 5,
          20 + index,
        ].join(',');
      }),
  );
  const file = join(target, 'labels.csv');
  writeFileSync(file, Buffer.from(['image,label,fold,age', ...rows, ''].join('\r\n'), 'latin1'));
  return file;
}
