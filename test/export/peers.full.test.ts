/**
 * The programs for which exports are made load them with the code that their README shows. PYTHON_WITH_TORCH names a
 * Python with torch and timm, PYTHON_WITH_TENSORFLOW one with TensorFlow.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { evaluationView } from '../../src/main/engine/data/augment/evaluation';
import { decodeImage } from '../../src/main/engine/data/decode/decode';
import type { ExportInput } from '../../src/main/engine/export/format';
import { exportFormat } from '../../src/main/engine/export/formats';
import { modelCard } from '../../src/main/engine/export/model-card';
import { buildPlan } from '../../src/shared/curriculum/plan';
import { runConfigSchema } from '../../src/shared/run-config';
import { engineMissing } from '../support/engine';
import { exportInput, randomImages, runLogits, temporary, writeExport } from './support';

const torch = process.env['PYTHON_WITH_TORCH'];
const tensorflow = process.env['PYTHON_WITH_TENSORFLOW'];
if (!torch) console.log('skipped: PYTHON_WITH_TORCH names no Python with torch and timm');
if (!tensorflow) console.log('skipped: PYTHON_WITH_TENSORFLOW names no Python with TensorFlow');

const COUNT = 4;
const CASES: [string, number][] = [
  ['resnet_micro', 32],
  ['deit_micro', 32],
  ['deit_micro', 48],
  ['resnet18', 64],
  ['resnet50', 64],
  ['deit_tiny_patch16_224', 64],
  ['deit_small_patch16_224', 224],
  ['swin_micro', 32],
  // The window size differs from the one that timm builds it with.
  ['swin_micro', 24],
  ['swin_tiny_patch4_window7_224', 96],
];

/** Masked autoencoders, whose encoders return features. */
const ENCODERS: [string, number][] = [
  ['mae_vit_micro_patch4', 32],
  ['mae_vit_small_patch16', 64],
];

/** Makes an export with a README, in a folder whose name has to be quoted. */
function written(format: string, input: ExportInput, tag = ''): string {
  const name = `${format} it's ${input.model.id} ${input.preprocessing.size} ${tag}`.trim();
  const folder = writeExport(format, input, name);
  const config = runConfigSchema.parse({
    dataset: 'd',
    model: input.model.id,
    size: input.preprocessing.size,
    schedule: { stages: [{ bandwidth: input.preprocessing.size, magnitude: 9, share: 1 }] },
  });
  const run = {
    id: 'test',
    name: 'a | *test*',
    state: 'completed',
    step: 1,
    steps: 1,
    config,
    plan: buildPlan(config, 5000, input.entry.macs),
  };
  const facts = {
    input,
    folder: name,
    run,
    step: 1,
    weights: 'raw' as const,
    dataset: { name: 'd', format: 'csv', counts: { train: { a: 1 } } },
    results: [],
    parity: { max_abs_diff: 0, images: 1 },
  };
  writeFileSync(
    join(folder, 'README.md'),
    modelCard({ ...facts, format: exportFormat(format), created: '', version: '0' }),
  );
  return folder;
}

function python(program: string, script: string, ...args: string[]): string {
  return execFileSync(program, [join(import.meta.dirname, script), ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, OMP_NUM_THREADS: '1', PYTHONDONTWRITEBYTECODE: '1' },
  }).trim();
}

function imagesFile(folder: string, images: Uint8Array): string {
  const path = join(folder, 'images.u8');
  writeFileSync(path, images);
  return path;
}

function floats(path: string): Float32Array {
  const bytes = readFileSync(path);
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

function close(actual: Float32Array, expected: Float32Array | number[], tolerance = 1e-4): void {
  expect(actual.length).toBe(expected.length);
  const largest = actual.reduce((most, value, index) => Math.max(most, Math.abs(value - expected[index]!)), 0);
  expect(Number.isNaN(largest)).toBe(false);
  expect(largest).toBeLessThan(tolerance);
}

function softmax(logits: Float32Array, classes: number): number[] {
  return Array.from(logits, (value, index) => {
    const row = logits.subarray(index - (index % classes), index - (index % classes) + classes);
    return Math.exp(value) / row.reduce((sum, score) => sum + Math.exp(score), 0);
  });
}

/** Writes smooth pictures of odd sizes without loss. */
async function pictures(folder: string): Promise<string[]> {
  const sizes = [
    [97, 71],
    [40, 133],
    [64, 64],
    [301, 300],
  ] as const;
  return Promise.all(
    sizes.map(async ([width, height], index) => {
      const pixels = Uint8Array.from({ length: width * height * 3 }, (_, at) =>
        Math.floor(
          127.5 + 127 * Math.sin((at % (3 * width)) / (7 + index) + Math.floor(at / (3 * width)) / 5 + (at % 3)),
        ),
      );
      const path = join(folder, `${index}.png`);
      await sharp(pixels, { raw: { width, height, channels: 3 } })
        .png()
        .toFile(path);
      return path;
    }),
  );
}

describe.skipIf(engineMissing || !torch)('timm', () => {
  it.each([...CASES, ...ENCODERS])(
    '%s at %i px: both ways of the README load it strictly and give our outputs',
    (id, size) => {
      const input = exportInput(id, ENCODERS.some(([name]) => name === id) ? 0 : 7, size);
      const images = randomImages(COUNT, size);
      const out = mkdtempSync(join(temporary, 'timm-'));
      expect(python(torch!, 'load_with_timm.py', written('safetensors', input), imagesFile(out, images), out)).toBe(
        '2',
      );
      const expected = runLogits(input, images, COUNT);
      close(floats(join(out, '0.f32')), expected);
      close(floats(join(out, '1.f32')), expected);
    },
  );

  it.each(['bilinear', 'bicubic'] as const)(
    "the README's transform sees what our evaluation sees (%s)",
    async (interpolation) => {
      const made = exportInput('resnet_micro', 5, 40);
      const input = {
        ...made,
        preprocessing: { ...made.preprocessing, interpolation, crop_pct: interpolation === 'bicubic' ? 0.875 : 0.8 },
      };
      const out = mkdtempSync(join(temporary, 'timm-'));
      const files = await pictures(out);
      const folder = written('safetensors', input, interpolation);
      python(torch!, 'load_with_timm.py', folder, imagesFile(out, randomImages(1, 40)), out, ...files);
      const views = await Promise.all(
        files.map(
          async (path) =>
            evaluationView(await decodeImage(readFileSync(path)), 40, input.preprocessing.crop_pct, interpolation).data,
        ),
      );
      close(
        floats(join(out, 'files.f32')),
        runLogits(input, Uint8Array.from(views.flatMap((view) => Array.from(view))), files.length),
      );
    },
  );
});

describe.skipIf(engineMissing || !tensorflow)('TensorFlow', () => {
  it.each(CASES)(
    "%s at %i px: the README's code loads it and gives our probabilities, together and one by one",
    (id, size) => {
      const input = exportInput(id, 7, size);
      const images = randomImages(COUNT, size);
      const out = mkdtempSync(join(temporary, 'tensorflow-'));
      expect(
        python(tensorflow!, 'load_with_tensorflow.py', written('savedmodel', input), imagesFile(out, images), out),
      ).toBe('1');
      const expected = softmax(runLogits(input, images, COUNT), 7);
      close(floats(join(out, 'all.f32')), expected);
      close(floats(join(out, 'single.f32')), expected);
    },
  );
});
