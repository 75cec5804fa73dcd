import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lineField } from '../../../shared/line-field';
import type { Preprocessing } from '../../engine/data/preprocessing';
import { pathOf } from '../../engine/data/loader/read-image';
import { NpyWriter } from '../../engine/export/npy';
import type { DumpedArray } from '../../engine/tasks/evaluation';
import type { HostArray, SampleTable } from '../../engine/types';
import { makeFolder } from '../../base/make-folder';
import { written } from './written';

const PART = '.part';

/**
 * Writes an evaluation's inputs and outputs, so that anyone can check them: inputs as N x 3 x H x W float32, as timm's
 * models take them. The files appear at their place only when all of them are written. @throws AppError io, disk_full
 */
export class Dump {
  private readonly inputs: NpyWriter;
  private readonly own: Map<string, NpyWriter>;
  /** Files that are written so far under a name of their own. */
  private readonly partial: string[] = [];

  /** @param arrays the task's own, by the name of their file */
  constructor(
    private readonly folder: string,
    count: number,
    private readonly preprocessing: Preprocessing,
    arrays: Readonly<Record<string, DumpedArray>>,
  ) {
    const { size } = preprocessing;
    [this.inputs, this.own] = this.written(() => {
      makeFolder(folder);
      const writer = (name: string, { dtype, shape }: DumpedArray): NpyWriter =>
        new NpyWriter(this.aside(`${name}.npy`), dtype, [count, ...shape]);
      try {
        return [
          writer('inputs', { dtype: 'float32', shape: [3, size, size] }),
          new Map(Object.entries(arrays).map(([name, array]) => [name, writer(name, array)])),
        ] as const;
      } catch (error) {
        this.discard();
        throw error;
      }
    });
  }

  /**
   * Adds a batch. @param images uint8 [N, size, size, 3], of which the first `rows` are written, and as many of each
   * array
   */
  add(images: Uint8Array, rows: number, values: Readonly<Record<string, HostArray | BigInt64Array>>): void {
    this.written(() => {
      this.inputs.write(this.planes(images, rows));
      for (const [name, writer] of this.own) writer.write(values[name] as Float32Array | BigInt64Array);
    });
  }

  finish(samples: SampleTable): void {
    this.written(() => {
      this.inputs.close();
      for (const writer of this.own.values()) writer.close();
      const paths = Array.from({ length: samples.count }, (_, index) => `${lineField(pathOf(samples, index))}\n`);
      writeFileSync(this.aside('files.txt'), paths.join(''));
      for (const path of this.partial) renameSync(path, path.slice(0, -PART.length));
      this.partial.length = 0;
    });
  }

  /** Removes what was written so far, where `finish` was not reached. */
  discard(): void {
    for (const path of this.partial) rmSync(path, { force: true });
  }

  /** Returns the path at which a file is written until all are. */
  private aside(name: string): string {
    const path = join(this.folder, `${name}${PART}`);
    this.partial.push(path);
    return path;
  }

  /** Converts uint8 [N, H, W, 3] -> float32 [rows, 3, H, W], normalised. */
  private planes(images: Uint8Array, rows: number): Float32Array {
    const { size, mean, std } = this.preprocessing;
    const pixels = size * size;
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
    return written(write, `The dump can't be written to ${this.folder}.`, 'another folder with --dump');
  }
}
