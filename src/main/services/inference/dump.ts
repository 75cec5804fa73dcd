import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../../shared/errors';
import { NO_IMAGE } from '../../../shared/labels';
import { lineField } from '../../../shared/line-field';
import { systemReason } from '../../engine/data/scan/entries';
import type { Preprocessing } from '../../engine/data/preprocessing';
import { pathOf } from '../../engine/data/loader/read-image';
import { NpyWriter } from '../../engine/export/npy';
import type { SampleTable } from '../../engine/types';
import { makeFolder } from '../../base/make-folder';

/** What was fed and what came out, so that anyone can check: N x 3 x H x W float32 as timm's models take it. @throws AppError io, disk_full */
export class Dump {
  private readonly inputs: NpyWriter;
  private readonly logits: NpyWriter;
  private readonly labels: NpyWriter;

  constructor(
    private readonly folder: string,
    count: number,
    private readonly size: number,
    private readonly classes: number,
    private readonly preprocessing: Preprocessing,
  ) {
    [this.inputs, this.logits, this.labels] = this.written(() => {
      makeFolder(folder);
      return [
        new NpyWriter(join(folder, 'inputs.npy'), 'float32', [count, 3, size, size]),
        new NpyWriter(join(folder, 'logits.npy'), 'float32', [count, classes]),
        new NpyWriter(join(folder, 'labels.npy'), 'int64', [count]),
      ] as const;
    });
  }

  add({ images, labels, logits }: { images: Uint8Array; labels: Int32Array; logits: Float32Array }): void {
    const padding = labels.indexOf(NO_IMAGE);
    const rows = padding < 0 ? labels.length : padding;
    this.written(() => {
      this.inputs.write(this.planes(images, rows));
      this.logits.write(logits.subarray(0, rows * this.classes));
      this.labels.write(BigInt64Array.from(labels.subarray(0, rows), BigInt));
    });
  }

  finish(samples: SampleTable): void {
    this.written(() => {
      this.inputs.close();
      this.logits.close();
      this.labels.close();
      const paths = Array.from({ length: samples.count }, (_, index) => `${lineField(pathOf(samples, index))}\n`);
      writeFileSync(join(this.folder, 'files.txt'), paths.join(''));
    });
  }

  /** uint8 [N, H, W, 3] -> float32 [rows, 3, H, W], normalised. */
  private planes(images: Uint8Array, rows: number): Float32Array {
    const pixels = this.size * this.size;
    const { mean, std } = this.preprocessing;
    const planes = new Float32Array(rows * pixels * 3);
    for (let row = 0; row < rows; row++) {
      for (let pixel = 0; pixel < pixels; pixel++) {
        for (let c = 0; c < 3; c++)
          planes[(row * 3 + c) * pixels + pixel] =
            ((images[(row * pixels + pixel) * 3 + c] as number) / 255 - (mean[c] as number)) / (std[c] as number);
      }
    }
    return planes;
  }

  private written<T>(write: () => T): T {
    try {
      return write();
    } catch (cause) {
      const code = (cause as NodeJS.ErrnoException).code;
      if (code === undefined) throw cause;
      const isFull = code === 'ENOSPC' || code === 'EDQUOT';
      throw new AppError(
        {
          code: isFull ? 'disk_full' : 'io',
          what: `The dump can't be written to ${this.folder}.`,
          why: `The system says: ${systemReason(cause)}.`,
          next: isFull ? 'Free some disk space, or choose another folder with --dump.' : 'Choose another folder with --dump.',
        },
        { cause },
      );
    }
  }
}
