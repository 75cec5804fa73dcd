/** Multiply-adds beyond the listed sides, against those of the networks themselves. */
import { describe, expect, it } from 'vitest';
import { modelEntries } from '../../../src/main/engine/models';
import { macsOf } from '../../../src/renderer/views/new-run/macs';
import { validSizes } from '../../../src/shared/curriculum/size-rule';

describe.each(modelEntries().map((entry) => [entry.id, entry] as const))('%s', (_, entry) => {
  it('costs beyond 512 px what the network costs there', () => {
    const macs = validSizes(512, entry.sizes).map((side): [number, number] => [side, entry.macs(side)]);
    const known = macsOf({ macs });
    for (const wanted of [640, 768, 1024]) {
      const side = validSizes(wanted, entry.sizes).at(-1) as number;
      expect(Math.abs(known(side) / entry.macs(side) - 1), `${side} px`).toBeLessThan(0.015);
    }
  });
});
