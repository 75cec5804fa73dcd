/** RandAugment draws the same for a run, whatever ops are added later. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { AugmentOp } from '../../../src/main/engine/data/augment/op';
import { augmentOps, collectOps, randAugmentSet } from '../../../src/main/engine/data/augment/ops';
import { drawRandAugment } from '../../../src/main/engine/data/augment/rand-augment';
import { rngOf } from '../../../src/shared/random';

/** The sha256 of 20,000 draws of the build at 92e897d, whose sets were the sorted names of the folder's files. */
const DRAWS = {
  increasing: 'ecfc38be2775e898f5473be2396d5fc905db4986a073c924a6915c023fde84f8',
  plain: 'cb639fc8df2548f643d94c2ca6c60e1bfbf1e767cb8f0562373058764486a3f9',
};

function digestOf(increasing: boolean): string {
  const hash = createHash('sha256');
  for (let sample = 0; sample < 20_000; sample++) {
    for (const { op, argument } of drawRandAugment(
      { magnitude: 9, num_ops: 2, mstd: 0.5, increasing },
      rngOf(0, 7, sample),
    ))
      hash.update(op).update(new Uint8Array(new Float64Array([argument]).buffer));
  }
  return hash.digest('hex');
}

const asFiles = (ops: readonly AugmentOp[]): Record<string, { op: AugmentOp }> =>
  Object.fromEntries(ops.map((op) => [`./ops/${op.name}.ts`, { op }]));
const noOp = (name: string): AugmentOp => ({ name, argument: () => 0, step: () => null });

describe('RandAugment', () => {
  it('draws what it has always drawn, to the bit', () => {
    expect({ increasing: digestOf(true), plain: digestOf(false) }).toEqual(DRAWS);
  });

  it('draws from the same sets where the folder has more ops, whatever their names', () => {
    const more = [noOp('Aardvark'), noOp('Gamma'), ...augmentOps, noOp('Zoom')];
    const { byName, increasing, plain } = collectOps(asFiles(more));
    expect(byName.size).toBe(augmentOps.length + 3);
    expect(increasing).toEqual(randAugmentSet(true));
    expect(plain).toEqual(randAugmentSet(false));
  });

  it('refuses at start a second op of a name, and a set whose op has no file', () => {
    expect(() => collectOps({ ...asFiles(augmentOps), './ops/again.ts': { op: noOp('Rotate') } })).toThrow(
      './ops/again.ts: there is another augmentation op Rotate',
    );
    expect(() => collectOps(asFiles(augmentOps.filter(({ name }) => name !== 'Rotate')))).toThrow(
      'no file of ops/ has the augmentation op Rotate',
    );
  });
});
