/** RandAugment's ops: every file of ops/ contributes one. rand-augment-sets.ts says which of them are drawn. */
import type { AugmentOp } from './op';
import { INCREASING_SET, PLAIN_SET } from './rand-augment-sets';

const files = import.meta.glob<{ op: AugmentOp }>('./ops/*.ts', { eager: true });

export interface AugmentOps {
  byName: ReadonlyMap<string, AugmentOp>;
  increasing: readonly AugmentOp[];
  plain: readonly AugmentOp[];
}

/**
 * Collects the ops. @throws Error where two files have an op of the same name, or a set names an op that no file has
 */
export function collectOps(found: Readonly<Record<string, { op: AugmentOp }>>): AugmentOps {
  const byName = new Map<string, AugmentOp>();
  for (const [file, { op }] of Object.entries(found)) {
    if (byName.has(op.name)) throw new Error(`${file}: there is another augmentation op ${op.name}`);
    byName.set(op.name, op);
  }
  const opsOf = (set: readonly string[]): AugmentOp[] =>
    set.map((name) => {
      const op = byName.get(name);
      if (!op) throw new Error(`no file of ops/ has the augmentation op ${name}`);
      return op;
    });
  return { byName, increasing: opsOf(INCREASING_SET), plain: opsOf(PLAIN_SET) };
}

const OPS = collectOps(files);

export const augmentOps: readonly AugmentOp[] = [...OPS.byName.values()];

/** Returns the op of this name. @throws Error where there is none */
export function augmentOp(name: string): AugmentOp {
  const op = OPS.byName.get(name);
  if (!op) throw new Error(`no augmentation op ${name}`);
  return op;
}

/** Returns the ops that RandAugment draws from, in the order of their indexes. */
export const randAugmentSet = (increasing: boolean): readonly AugmentOp[] => (increasing ? OPS.increasing : OPS.plain);
