/** Makes a finished scan of many files that don't exist; rows suffice, because only queries are measured. */
import { join } from 'node:path';
import { Scratch } from '../../src/main/engine/data/scan/scratch';
import { keepReview } from '../../src/main/services/datasets/reviews';

/**
 * Makes 100 classes, a fifth of them validation: every tenth file is a copy, every twentieth a leak, every fiftieth in
 * a label conflict, and a tenth is hidden besides. @returns the review's id
 */
export function largeReview(home: string, files: number): string {
  const scratch = Scratch.create(join(home, 'tmp', 'large.db'));
  const insert = scratch.db.prepare(
    `INSERT INTO files (path, class, split, usable, bytes, mtime_ms, sha256, format, width, height, orientation, fast)
      VALUES (?, ?, ?, 1, 12345, 1700000000000, ?, 'jpeg', ?, 480, 1, 1)`,
  );
  scratch.db.transaction(() => {
    for (let index = 0; index < files; index++) {
      const name = `class_${String(index % 100).padStart(3, '0')}`;
      const split = index % 5 === 0 ? 'val' : 'train';
      const path = `${split}/${name}/photograph_${String(index).padStart(7, '0')}.jpg`;
      insert.run(path, name, split, index.toString(16).padStart(64, '0'), 500 + (index % 300));
      const other = [`train/${name}/photograph_${String(index - 1).padStart(7, '0')}.jpg`];
      if (index % 10 === 1)
        scratch.addProblem({ kind: 'duplicate', path, reason: 'It is a copy, byte for byte.', others: other });
      if (index % 20 === 1)
        scratch.addProblem({ kind: 'leak', path, reason: 'The same image is in the val split.', others: other });
      if (index % 50 === 1)
        scratch.addProblem({
          kind: 'label_conflict',
          path,
          reason: 'The same image is also labelled class_000.',
          others: other,
        });
      if (index % 10 === 0)
        scratch.addProblem({ kind: 'ignored', path: `train/${name}/.${index}`, reason: 'It is hidden.' });
    }
  })();
  const root = join(home, 'photographs');
  scratch.indexContent();
  scratch.finish({ source: root, root, format: 'class_folders', val_split: 0.2, seed: 0, val_drawn: false });
  scratch.indexForReview();
  return keepReview(home, scratch);
}
