import { exportFormat } from './formats';
import { readManifest } from './manifest';
import type { CheckRequest } from './check-protocol';
import type { ExportOutput } from './format';

/**
 * Returns the outputs of the export in `folder` for the images. Everything is read back from its files. @throws
 * AppError where they can't be read
 */
export function checkExport({ folder, cacheFolder, batch, images, count }: CheckRequest): ExportOutput {
  const { format, preprocessing } = readManifest(folder);
  const reloaded = exportFormat(format).reload(folder, { cacheFolder, batch });
  const pixels = preprocessing.size ** 2 * 3;
  const parts: ExportOutput[] = [];
  for (let from = 0; from < count; from += batch) {
    const rows = Math.min(batch, count - from);
    parts.push(reloaded.run(images.subarray(from * pixels, (from + rows) * pixels), rows));
  }
  reloaded.dispose();
  const probabilities = parts.flatMap((part) => part.probabilities ?? []);
  return {
    outputs: joined(parts.map(({ outputs }) => outputs)),
    probabilities: probabilities.length ? joined(probabilities) : null,
  };
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
