import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { tinyDataset } from './tiny-dataset';

/**
 * Makes train and val folders of three colours with one of every flaw in them. No two images are alike except those
 * that are meant to be.
 */
export async function flawedTree(folder: string, perClass = 4): Promise<string> {
  // All images are drawn at once and then moved: two draws would be the same images, all of them leaks.
  const drawn = await tinyDataset(join(folder, '..', 'drawn'), 2 * perClass);
  const at = (path: string): string => join(folder, path);
  const copy = (from: string, to: string): void => {
    mkdirSync(dirname(at(to)), { recursive: true });
    cpSync(from, at(to));
  };
  for (const name of ['blue', 'green', 'red']) {
    for (let index = 0; index < perClass; index++) {
      copy(join(drawn, name, `${index}.png`), `train/${name}/${index}.png`);
      copy(join(drawn, name, `${perClass + index}.png`), `val/${name}/${index}.png`);
    }
  }
  copy(at('train/red/0.png'), 'train/red/copy.png');
  copy(at('train/red/0.png'), 'train/red/copy-2.png');
  copy(at('train/red/1.png'), 'train/blue/other.png');
  copy(at('val/green/2.png'), 'train/green/leak.png');
  copy(at('val/green/2.png'), 'train/green/leak-2.png');
  writeFileSync(at('train/red/cut.png'), readFileSync(at('train/red/0.png')).subarray(0, 900));
  writeFileSync(at('train/red/text.png'), 'not an image');
  writeFileSync(at('train/red/empty.png'), '');
  writeFileSync(at('train/red/Thumbs.db'), 'x');
  symlinkSync(at('train/red/nowhere.png'), at('train/red/broken.png'));
  symlinkSync(at('train/red'), at('train/red/loop'));
  return folder;
}
