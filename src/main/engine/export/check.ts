import { exportFormat } from './formats';
import { readManifest } from './manifest';
import type { CheckRequest } from './check-protocol';
import type { ExportOutput } from './format';

/** What the export in `folder` gives for the images: everything is read back from its files. @throws AppError where they can't be */
export function checkExport({ folder, cacheFolder, batch, images, count }: CheckRequest): ExportOutput {
  const { format, options, preprocessing } = readManifest(folder);
  const reloaded = exportFormat(format).reload(folder, { cacheFolder, batch });
  const pixels = preprocessing.size ** 2 * 3;
  const logits = new Float32Array(count * options.num_classes);
  let probabilities: Float32Array | null = null;
  for (let from = 0; from < count; from += batch) {
    const rows = Math.min(batch, count - from);
    const part = reloaded.run(images.subarray(from * pixels, (from + rows) * pixels), rows);
    logits.set(part.logits, from * options.num_classes);
    if (!part.probabilities) continue;
    probabilities ??= new Float32Array(logits.length);
    probabilities.set(part.probabilities, from * options.num_classes);
  }
  reloaded.dispose();
  return { logits, probabilities };
}
