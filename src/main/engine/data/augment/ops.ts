/** RandAugment's ops: every file of ops/ brings one, in the order of their names so that a draw means the same op on every machine. */
import type { AugmentOp } from './op';

const files = import.meta.glob<{ op: AugmentOp }>('./ops/*.ts', { eager: true });

export const augmentOps: readonly AugmentOp[] = Object.values(files)
  .map(({ op }) => op)
  .sort((a, b) => (a.name < b.name ? -1 : 1));

const byName = new Map(augmentOps.map((op) => [op.name, op]));
if (byName.size !== augmentOps.length) throw new Error('two augmentation ops have the same name');

/** @throws where there is none of this name */
export function augmentOp(name: string): AugmentOp {
  const op = byName.get(name);
  if (!op) throw new Error(`no augmentation op ${name}`);
  return op;
}

/** The ops that RandAugment draws from (timm's `inc1` or `inc0`). */
export const randAugmentSet = (increasing: boolean): readonly AugmentOp[] => (increasing ? INCREASING : PLAIN);

const INCREASING = augmentOps.filter(({ set }) => set !== 'plain');
const PLAIN = augmentOps.filter(({ set }) => set !== 'increasing');
