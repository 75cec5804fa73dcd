import { mkdirSync, mkdtempSync } from 'node:fs';
import { openNetwork } from '../../src/main/engine/inference/network';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExportInput } from '../../src/main/engine/export/format';
import { withoutDecoder } from '../../src/main/engine/export/encoder-part';
import { exportFormat } from '../../src/main/engine/export/formats';
import { writeManifest } from '../../src/main/engine/export/manifest';
import type { Preprocessing } from '../../src/main/engine/data/preprocessing';
import { modelEntry } from '../../src/main/engine/models';
import { rngOf } from '../../src/shared/random';
import { randomValues } from '../engine/weights/random-values';

export const temporary = mkdtempSync(join(tmpdir(), 'export-test-'));
export const cacheFolder = join(temporary, 'cache');
export const BATCH = 4;

/**
 * Makes an export's input; a masked autoencoder has no classes. Statistics and crop differ from all defaults, so that a
 * constant in the wrong place is noticed.
 */
export function exportInput(id: string, classes = 7, size = 32): ExportInput {
  const entry = modelEntry(id);
  const drops = entry.task === 'classify' ? 0.1 : 0;
  const model = withoutDecoder(
    entry.create({ num_classes: classes, img_size: size, drop_path_rate: drops, drop_rate: drops }),
  );
  const preprocessing: Preprocessing = {
    size,
    crop_pct: 0.8,
    interpolation: 'bilinear',
    mean: [0.4, 0.5, 0.6],
    std: [0.2, 0.25, 0.3],
  };
  return {
    entry,
    model,
    values: randomValues(model),
    classes: Array.from({ length: classes }, (_, index) => `class ${index}`),
    preprocessing,
    ...{ part: 'encoder', names: 'timm', mae: null },
  };
}

export function writeExport(
  formatId: string,
  input: ExportInput,
  name = `${formatId}-${input.model.id}-${Math.random().toString(36).slice(2)}`,
): string {
  const folder = join(temporary, name);
  mkdirSync(folder);
  exportFormat(formatId).write(folder, input);
  const { preprocessing, model, classes } = input;
  writeManifest(folder, {
    ...{
      export_version: 1,
      format: formatId,
      model: model.id,
      options: { ...model.options },
      label_names: [...classes],
      created: new Date(0).toISOString(),
    },
    preprocessing: { ...preprocessing, mean: [...preprocessing.mean], std: [...preprocessing.std] },
    run: { id: 'test', name: 'test', step: 1, weights: 'raw' },
  });
  return folder;
}

/** Makes noise around a colour for each image. To a deep network, images of plain noise would look the same. */
export function randomImages(count: number, size: number): Uint8Array {
  const rng = rngOf(5, count);
  const colours = Array.from({ length: count * 3 }, () => rng.below(156));
  const pixels = size * size * 3;
  return Uint8Array.from(
    { length: count * pixels },
    (_, at) => colours[Math.floor(at / pixels) * 3 + (at % 3)]! + rng.below(100),
  );
}

/** Returns the results of the run's evaluation graph for `count` images, a multiple of BATCH. */
export function runLogits(
  { model, values, preprocessing }: ExportInput,
  images: Uint8Array,
  count: number,
): Float32Array {
  const { size } = preprocessing;
  const { executor, logits: run } = openNetwork({ model, preprocessing, batch: BATCH }, cacheFolder);
  executor.write(values);
  const pixels = size * size * 3;
  const parts = Array.from({ length: count / BATCH }, (_, index) =>
    run(images.subarray(index * BATCH * pixels, (index + 1) * BATCH * pixels), BATCH),
  );
  executor.dispose();
  const logits = Float32Array.from(parts.flatMap((part) => Array.from(part)));
  const width = model.options.num_classes || model.numFeatures;
  const apart = logits
    .slice(0, width)
    .reduce((most, value, index) => Math.max(most, Math.abs(value - logits[width + index]!)), 0);
  // With equal images, no comparison could fail.
  if (!(apart > 0.01)) throw new Error(`the images differ by ${apart} only`);
  return logits;
}
