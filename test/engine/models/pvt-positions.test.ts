/** PVT's position tables from a file of another size are resampled as in PyTorch; the class token's row is kept. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { resampledMap } from '../../../src/main/engine/layers/bilinear-map';
import { modelEntry } from '../../../src/main/engine/models';
import { loadTimmWeights } from '../../../src/main/engine/weights/load-timm';
import { writeSafetensors } from '../../../src/main/engine/weights/safetensors';
import { timmState } from '../../../src/main/engine/weights/to-timm';
import { expectClose } from '../../golden/models/expect-close';
import { drawn } from '../../golden/models/layer-programs';
import layersJson from '../../golden/models/layers.json';
import { randomValues } from '../weights/random-values';

const golden = layersJson as unknown as Record<string, Record<string, number[]>>;

it.each([
  [7, 3],
  [4, 6],
  [1, 2],
])('a map of %i to one of %i on the host is what PyTorch makes of it', (from, to) => {
  expectClose(
    resampledMap(drawn('map', [from * from, 3]), from, to, 3),
    golden[`bilinear ${from} to ${to}`]!['output']!,
    1e-6,
    'map',
  );
});

it('a file of 32 px starts a model of 16 px, and one of its own size keeps every bit', () => {
  const at = (img_size: number): ReturnType<ReturnType<typeof modelEntry>['create']> =>
    modelEntry('pvt_micro').create({ num_classes: 5, img_size, drop_path_rate: 0, drop_rate: 0 });
  const [large, small] = [at(32), at(16)];
  const path = join(mkdtempSync(join(tmpdir(), 'pvt-')), 'model.safetensors');
  const values = randomValues(large);
  writeSafetensors(path, timmState(large, values), {});
  expect(loadTimmWeights(large, path).values).toEqual(values);
  const { values: loaded, report } = loadTimmWeights(small, path);
  expect(report.resized).toEqual(['pos_embed1', 'pos_embed2', 'pos_embed3', 'pos_embed4']);
  expect(loaded['pos_embed1']).toEqual(resampledMap(values['pos_embed1']!, 16, 8, 32));
  const [before, after] = [values['pos_embed4']!, loaded['pos_embed4']!];
  expect(after.subarray(0, 128)).toEqual(before.subarray(0, 128));
  expect(after.subarray(128)).toEqual(resampledMap(before.subarray(128), 4, 2, 128));
});
