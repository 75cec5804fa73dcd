import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { lineField } from '../../../shared/line-field';
import { NpyWriter } from '../../engine/export/npy';
import { written } from './written';

/**
 * Writes features: float32 [N, ...shape] as .npy, and a text file of the same name with a line for each image, in the
 * order of the rows. The files appear at their place only when all of them is written. @throws AppError io, disk_full
 */
export class FeatureFile {
  private writer: NpyWriter | null = null;
  private shape: readonly number[] = [];

  /** @param path ends with .npy @param count number of images */
  constructor(
    private readonly path: string,
    private readonly count: number,
  ) {}

  private get partial(): string {
    return `${this.path}.part`;
  }

  get names(): string {
    return this.path.replace(/\.npy$/, '.txt');
  }

  /** Adds the next images. @param values float32 [rows, ...shape] */
  add(values: Float32Array, shape: readonly number[]): void {
    this.written(() => {
      this.shape = shape;
      this.writer ??= new NpyWriter(this.partial, 'float32', [this.count, ...shape]);
      this.writer.write(values);
    });
  }

  /** Writes the names and puts both files in place. @param paths of the images @returns the shape of the array */
  finish(paths: readonly string[]): readonly number[] {
    this.written(() => {
      this.writer?.close();
      writeFileSync(this.names, paths.map((path) => `${lineField(path)}\n`).join(''));
      renameSync(this.partial, this.path);
    });
    return [this.count, ...this.shape];
  }

  /** Removes what was written so far, where `finish` was not reached. */
  discard(): void {
    rmSync(this.partial, { force: true });
  }

  private written(write: () => void): void {
    written(write, `The features can't be written to ${this.path}.`, 'another file with --out');
  }
}
