/**
 * Weights for one window size are loaded for another: every table of relative positions is resampled, and everything
 * else is kept.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { modelEntry } from '../../../src/main/engine/models';
import { loadSummary, loadTimmWeights } from '../../../src/main/engine/weights/load-timm';
import { officialNamesOf, officialState } from '../../../src/main/engine/weights/official-names';
import { writeSafetensors } from '../../../src/main/engine/weights/safetensors';
import { timmState } from '../../../src/main/engine/weights/to-timm';
import { expectClose } from '../../golden/models/expect-close';
import { drawn } from '../../golden/models/layer-programs';
import golden from '../../golden/models/window-layers.json';
import { micro, randomValues } from './random-values';

const HEADS = 2;
const TABLE = 'layers.0.blocks.0.attn.relative_position_bias_table';
const path = join(mkdtempSync(join(tmpdir(), 'relative-positions-')), 'swin.safetensors');

const modelFor = (img_size: number) => modelEntry('swin_micro').create({ ...micro, img_size });

/** Looks up a table for pairs of tokens in a window of w x w: [heads, w^2, w^2]. */
function byPairs(table: Float32Array, window: number): number[] {
  const area = window * window;
  const offset = (query: number, key: number): number =>
    (Math.floor(query / window) - Math.floor(key / window) + window - 1) * (2 * window - 1) +
    ((query % window) - (key % window) + window - 1);
  return Array.from({ length: HEADS * area * area }, (_, at) => {
    const [head, query, key] = [Math.floor(at / (area * area)), Math.floor(at / area) % area, at % area];
    return table[offset(query, key) * HEADS + head]!;
  });
}

describe('windows of 4 x 4 tokens', () => {
  const model = modelFor(32);
  const values: Record<string, Float32Array> = { ...randomValues(model), [TABLE]: drawn('table', [49, HEADS]) };
  writeSafetensors(path, timmState(model, values), {});

  it('are taken as they are at their size', () => {
    const { values: loaded, report } = loadTimmWeights(model, path);
    expect(loaded).toEqual(values);
    expect(report.resized).toEqual([]);
  });

  it('become windows of 3 x 3 as PyTorch resamples them', () => {
    const smaller = modelFor(24);
    const { values: loaded, report } = loadTimmWeights(smaller, path);
    expectClose(byPairs(loaded[TABLE]!, 3), golden['relative position bias 4 to 3'].output, 1e-6, 'table');
    const tables = smaller.params
      .map(({ name }) => name)
      .filter((name) => name.endsWith('relative_position_bias_table'));
    expect(report.resized).toEqual(tables);
    expect(loadSummary(report)).toBe(`${smaller.params.length} parameters, 6 position tables resampled`);
    for (const { name } of smaller.params) if (!tables.includes(name)) expect(loaded[name], name).toEqual(values[name]);
  });

  it('are refused where the heads differ', () => {
    const state = timmState(model, values);
    state[TABLE] = { shape: [49, 3], data: new Float32Array(147) };
    const other = path.replace('swin', 'other');
    writeSafetensors(other, state, {});
    expect(() => loadTimmWeights(modelFor(24), other)).toThrow(
      expect.objectContaining({ why: `${TABLE} is [49, 3], [25, 2] is needed.` }),
    );
  });

  it.each(['authors', 'timm'])('are read out of files of %s, whose indices and masks are left out', (names) => {
    const own = timmState(model, values);
    const state = names === 'timm' ? own : officialState(officialNamesOf('swin')!, own);
    state['layers.0.blocks.0.attn.relative_position_index'] = { shape: [16, 16], data: new BigInt64Array(256) };
    state['layers.0.blocks.1.attn_mask'] = { shape: [16, 16, 16], data: new Float32Array(4096) };
    const theirs = path.replace('swin', names);
    writeSafetensors(theirs, state, {});
    expect(loadTimmWeights(model, theirs).values).toEqual(values);
    expect(loadTimmWeights(modelFor(24), theirs).report.resized).toHaveLength(6);
  });
});
