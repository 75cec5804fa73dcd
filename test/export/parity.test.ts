/** The check as an export runs it: the built entry, in a process of its own. */
import { openSync, readFileSync, rmSync, writeFileSync, writeSync, closeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { entryPath } from '../../src/main/base/entry';
import type { ExportInput, ExportOutput } from '../../src/main/engine/export/format';
import { exportFormats } from '../../src/main/engine/export/formats';
import { PARITY_TOLERANCE, parityOf, runCheck } from '../../src/main/engine/export/parity';
import { engineMissing } from '../support/engine';
import { rejectionOf } from '../support/refusal';
import { BATCH, cacheFolder, exportInput, randomImages, runLogits, writeExport } from './support';

const COUNT = 8;

function check(
  folder: string,
  { preprocessing }: ExportInput,
  count = COUNT,
  signal = new AbortController().signal,
): Promise<ExportOutput> {
  const request = { folder, cacheFolder, batch: BATCH, images: randomImages(COUNT, preprocessing.size), count };
  return runCheck({ entryFile: entryPath('export-check'), request, threads: 1, signal });
}

describe.skipIf(engineMissing)('written files in a fresh process', () => {
  for (const format of exportFormats()) {
    for (const id of ['resnet_micro', 'deit_micro']) {
      it(`${format.id} of ${id} says what the run says`, async () => {
        const input = exportInput(id);
        const expected = runLogits(input, randomImages(COUNT, 32), COUNT);
        expect(new Set(expected).size, 'logits differ').toBeGreaterThan(COUNT);
        const parity = parityOf(expected, await check(writeExport(format.id, input), input), COUNT);
        expect(parity.images).toBe(COUNT);
        expect(parity.max_abs_diff).toBeLessThan(1e-5);
      });
    }
  }

  it('a number of images that is no multiple of the batch', async () => {
    const input = exportInput('deit_micro');
    const expected = runLogits(input, randomImages(COUNT, 32), COUNT);
    for (const format of exportFormats()) {
      const { outputs } = await check(writeExport(format.id, input), input, 5);
      expect(parityOf(expected.slice(0, 5 * 7), { outputs, probabilities: null }, 5).images).toBe(5);
    }
  });

  it('one changed weight in the written file is refused', async () => {
    const input = exportInput('deit_micro');
    const expected = runLogits(input, randomImages(COUNT, 32), COUNT);
    const folder = writeExport('safetensors', input);
    const path = join(folder, 'model.safetensors');
    const bytes = readFileSync(path);
    const header = JSON.parse(bytes.subarray(8, 8 + Number(bytes.readBigUInt64LE())).toString()) as Record<
      string,
      { data_offsets: [number, number] }
    >;
    const at = 8 + Number(bytes.readBigUInt64LE()) + header['norm.bias']!.data_offsets[0];
    const handle = openSync(path, 'r+');
    writeSync(handle, Buffer.from(Float32Array.of(bytes.readFloatLE(at) + 0.01).buffer), 0, 4, at);
    closeSync(handle);
    const actual = await check(folder, input);
    expect(() => parityOf(expected, actual, COUNT)).toThrow(
      expect.objectContaining({ code: 'parity_failed' }) as Error,
    );
  });

  it('another normalisation is refused', async () => {
    const input = exportInput('resnet_micro');
    const expected = runLogits(input, randomImages(COUNT, 32), COUNT);
    for (const format of exportFormats()) {
      const folder = writeExport(format.id, {
        ...input,
        preprocessing: { ...input.preprocessing, mean: [0.41, 0.5, 0.6] },
      });
      const actual = await check(folder, input);
      expect(() => parityOf(expected, actual, COUNT), format.id).toThrow(
        expect.objectContaining({ code: 'parity_failed' }) as Error,
      );
    }
  });

  it('says what is wrong with files that cannot be read', async () => {
    const input = exportInput('resnet_micro');
    const cut = writeExport('safetensors', input);
    writeFileSync(join(cut, 'model.safetensors'), readFileSync(join(cut, 'model.safetensors')).subarray(0, 1000));
    expect((await rejectionOf(check(cut, input))).code).toBe('weights_mismatch');
    const bare = writeExport('safetensors', input);
    rmSync(join(bare, 'export.json'));
    expect((await rejectionOf(check(bare, input))).code).toBe('not_found');
  });

  it('a process that ends without an answer is an error with its last words', async () => {
    const input = exportInput('resnet_micro');
    const folder = writeExport('safetensors', input);
    const entryFile = join(folder, 'dies.mjs');
    writeFileSync(entryFile, "console.error('the last words'); process.exit(3);");
    const request = { folder, cacheFolder, batch: BATCH, images: new Uint8Array(0), count: 0 };
    const error = await rejectionOf(runCheck({ entryFile, request, threads: 1, signal: new AbortController().signal }));
    expect(error.code).toBe('engine_failed');
    expect(error.why).toContain('the last words');
  });

  it('can be ended', async () => {
    const input = exportInput('resnet_micro');
    const folder = writeExport('safetensors', input);
    const entryFile = join(folder, 'waits.mjs');
    writeFileSync(entryFile, "process.on('message', () => undefined);");
    const controller = new AbortController();
    const running = runCheck({
      entryFile,
      request: { folder, cacheFolder, batch: BATCH, images: new Uint8Array(0), count: 0 },
      threads: 1,
      signal: controller.signal,
    });
    setTimeout(() => controller.abort(new Error('enough')), 200);
    await expect(running).rejects.toThrow('enough');
  });
});

describe('comparing', () => {
  const half = Float32Array.of(0, 0, 0, 0);
  const even = Float32Array.of(0.5, 0.5, 0.5, 0.5);
  const judge =
    (logits: number[], probabilities: number[] | null = null) =>
    () =>
      parityOf(
        half,
        { outputs: Float32Array.from(logits), probabilities: probabilities && Float32Array.from(probabilities) },
        2,
      );
  const refused = expect.objectContaining({ code: 'parity_failed' }) as Error;

  it('takes the largest difference of logits and probabilities', () => {
    expect(judge([0, 0, 0, 5e-5])()).toEqual({ max_abs_diff: Math.fround(5e-5), images: 2 });
    expect(judge([0, 0, 0, 1e-6], [0.5, 0.5, 0.5, 0.50005])().max_abs_diff).toBeCloseTo(5e-5, 6);
    expect(judge([0, 0, 0, 0], [...even])().max_abs_diff).toBe(0);
  });

  it('refuses more than the tolerance in either', () => {
    expect(judge([0, 0, 0, 2 * PARITY_TOLERANCE])).toThrow(refused);
    expect(judge([0, 0, 0, 0], [0.5, 0.5, 0.5002, 0.4998])).toThrow(refused);
  });

  it('allows in proportion to the largest logit of an image, and of that image alone', () => {
    const expected = Float32Array.of(80, -100, 3, -2);
    const compare = (logits: number[]): (() => unknown) => {
      const actual = { outputs: Float32Array.from(logits), probabilities: null };
      return () => parityOf(expected, actual, 2);
    };
    expect(compare([80.009, -100, 3, -2])()).toMatchObject({ images: 2 });
    expect(compare([80, -100.009, 3, -2])()).toMatchObject({ images: 2 });
    expect(compare([80.011, -100, 3, -2])).toThrow(refused);
    // The second image's logits are small.
    expect(compare([80, -100, 3.00025, -2])()).toMatchObject({ images: 2 });
    expect(compare([80, -100, 3.001, -2])).toThrow(refused);
  });

  it('takes large logits that were rounded once more, and their probabilities', () => {
    // A model whose logits are near 100 gives relative differences of some units in the last place.
    const expected = Float32Array.from({ length: 640 }, (_, index) => 100 * Math.sin(index * 12.9898));
    const logits = expected.map((logit, index) => logit * (1 + (index % 2 ? 4e-6 : -4e-6)));
    const probabilities = new Float32Array(640);
    for (let row = 0; row < 640; row += 10) {
      const powers = Array.from(logits.subarray(row, row + 10), (logit) => Math.exp(logit - 100));
      const sum = powers.reduce((total, power) => total + power, 0);
      probabilities.set(
        powers.map((power) => power / sum),
        row,
      );
    }
    const { max_abs_diff } = parityOf(expected, { outputs: logits, probabilities }, 64);
    expect(max_abs_diff).toBeGreaterThan(PARITY_TOLERANCE);
  });

  it('refuses a run whose own logits are not finite', () => {
    for (const value of [NaN, Infinity, -Infinity]) {
      const logits = Float32Array.of(0, value, 0, 0);
      expect(() => parityOf(logits, { outputs: Float32Array.of(0, 1, 0, 0), probabilities: null }, 2)).toThrow(refused);
      expect(() => parityOf(logits, { outputs: logits, probabilities: null }, 2)).toThrow(refused);
    }
  });

  it('refuses what is not a number, wherever it is', () => {
    expect(judge([NaN, 0, 0, 0])).toThrow(refused);
    expect(judge([0, 0, 0, NaN])).toThrow(refused);
    expect(judge([0, 0, 0, 0], [0.5, NaN, 0.5, 0.5])).toThrow(refused);
    expect(judge([0, Infinity, 0, 0])).toThrow(refused);
  });
});
