/**
 * Weights with the names of the models' authors: a golden file for each family maps each name to a parameter of timm.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { modelEntries } from '../../../src/main/engine/models';
import type { Model } from '../../../src/main/engine/types';
import { loadSummary, loadTimmWeights } from '../../../src/main/engine/weights/load-timm';
import { officialNamesOf, officialState } from '../../../src/main/engine/weights/official-names';
import { SafetensorsFile, writeSafetensors, type StoredTensor } from '../../../src/main/engine/weights/safetensors';
import { timmState } from '../../../src/main/engine/weights/to-timm';
import { exportFormat } from '../../../src/main/engine/export/formats';
import { BATCH, cacheFolder, exportInput, randomImages, runLogits, writeExport } from '../../export/support';
import { engineMissing } from '../../support/engine';
import { randomValues } from './random-values';

const goldenFiles = import.meta.glob<Record<string, string>>('../../golden/weights/official-names/*.json', {
  eager: true,
  import: 'default',
});
const families = Object.entries(goldenFiles).map(([path, pairs]) => ({
  family: /([\w-]+)\.json$/.exec(path)![1]!,
  pairs,
}));
const folder = mkdtempSync(join(tmpdir(), 'official-names-'));

function written(name: string, state: Record<string, StoredTensor>): string {
  const path = join(folder, name);
  writeSafetensors(path, state, { format: 'pt' });
  return path;
}

describe.each(families)('$family', ({ family, pairs }) => {
  const names = officialNamesOf(family)!;
  const entry = modelEntries('classify').find((each) => each.family === family && each.id.endsWith('_micro'))!;
  const model: Model = entry.create({ num_classes: 7, img_size: entry.size, drop_path_rate: 0, drop_rate: 0 });
  const values = randomValues(model);
  const state = officialState(names, timmState(model, values));
  // A network that timm does not have has its authors' names everywhere.
  const same = Object.entries(pairs).every(([official, timm]) => official === timm);
  const said = same ? {} : { names: names.source };

  it('has the names of the authors, one for each parameter', () => {
    const expected = Object.entries(pairs).map(([official, timm]) => [timm, official]);
    const actual = model.params.map(({ name }) => [name, names.official(name)]);
    expect(actual.toSorted()).toEqual(expected.toSorted());
  });

  it.each(['', 'module.', 'model.backbone.'])('is read behind the prefix "%s"', (prefix) => {
    const prefixed = Object.fromEntries(Object.entries(state).map(([name, value]) => [prefix + name, value]));
    const { values: read, report } = loadTimmWeights(model, written(`${family}.${prefix}safetensors`, prefixed));
    expect(read).toEqual(values);
    expect(report).toMatchObject({ ...said, prefix, head_replaced: false, loaded: model.params.length });
    expect(loadSummary(report).includes(`by the names of ${names.source}`)).toBe(!same);
  });

  it('starts another number of classes, and says by timm’s name what is missing', () => {
    const other = entry.create({ ...model.options, num_classes: 3 });
    const path = written(`${family}.whole.safetensors`, state);
    const { report } = loadTimmWeights(other, path);
    expect(report).toMatchObject({ ...said, head_replaced: true });
    const missing = model.params[0]!.name;
    const less = Object.fromEntries(Object.entries(state).filter(([name]) => name !== names.official(missing)));
    expect(() => loadTimmWeights(model, written(`${family}.less.safetensors`, less))).toThrow(
      expect.objectContaining({ code: 'weights_mismatch', why: `${missing} is missing.` }),
    );
  });

  it.skipIf(engineMissing)('is exported by these names, and the export gives the same logits', () => {
    const input = { ...exportInput(entry.id, 7, entry.size), names: 'official' as const };
    const path = writeExport('safetensors', input);
    const { names: stored } = new SafetensorsFile(join(path, 'model.safetensors'));
    expect([...stored].sort()).toEqual(Object.keys(pairs).sort());
    const images = randomImages(BATCH, entry.size);
    const reloaded = exportFormat('safetensors').reload(path, { cacheFolder, batch: BATCH });
    const { outputs } = reloaded.run(images, BATCH);
    reloaded.dispose();
    const expected = runLogits(input, images, BATCH);
    outputs.forEach((value, at) => expect(Math.abs(value - expected[at]!)).toBeLessThan(1e-5));
  });
});

it('names every parameter of every variant apart from the others', () => {
  for (const entry of modelEntries('classify')) {
    const names = officialNamesOf(entry.family);
    if (!names) continue;
    const { params } = entry.create({ num_classes: 7, img_size: entry.size, drop_path_rate: 0, drop_rate: 0 });
    const official = params.map(({ name }) => names.official(name));
    expect(official, entry.id).not.toContain(undefined);
    expect(new Set(official).size, entry.id).toBe(params.length);
  }
});

it('has a golden file for every family', () => {
  const known = [...new Set(modelEntries().map(({ family }) => family))].filter((family) => officialNamesOf(family));
  expect(known.sort()).toEqual(families.map(({ family }) => family).sort());
});
