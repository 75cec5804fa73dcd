/** RandAugment's ops: every file of ops/ brings one, in the order of their names so that a draw means the same op on every machine. */
import type { AugmentOp } from './op';

const files = import.meta.glob<{ op: AugmentOp }>('./ops/*.ts', { eager: true });

export const augmentOps: readonly AugmentOp[] = Object.values(files)
  .map(({ op }) => op)
  .sort((a, b) => (a.name < b.name ? -1 : 1));

const names = new Set(augmentOps.map(({ name }) => name));
if (names.size !== augmentOps.length) throw new Error('two augmentation ops have the same name');
