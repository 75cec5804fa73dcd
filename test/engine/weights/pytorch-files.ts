/** Writes files for the tests of PyTorch weights, and reads what is in them or why they are refused. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { openWeights } from '../../../src/main/engine/weights/open-weights';
import type { PyTorchFile } from '../../../src/main/engine/weights/pytorch/pytorch-file';
import type { AppError } from '../../../src/shared/errors';
import { archiveOf, pickleOf, type ArchiveChanges } from '../../support/pytorch-bytes';
import { refusalOf } from '../../support/refusal';

export type Numbers = Record<string, { shape: number[]; values: number[] }>;

export const golden = join(import.meta.dirname, '../../golden/pytorch');
const folder = mkdtempSync(join(tmpdir(), 'pytorch-'));
let files = 0;

export function written(bytes: Buffer): string {
  const path = join(folder, `${files++}.pth`);
  writeFileSync(path, bytes);
  return path;
}

export const refusal = (path: string, key: string | null = null): AppError =>
  refusalOf(() => {
    const { tensors } = openWeights(path, key);
    for (const name of tensors.names) tensors.read(name);
  });

export function expectNumbers(file: PyTorchFile, numbers: Numbers): void {
  expect(file.names).toEqual(Object.keys(numbers));
  for (const [name, { shape, values }] of Object.entries(numbers)) {
    expect(file.shape(name), name).toEqual(shape);
    expect(Array.from(file.read(name)), name).toEqual(values.map(Math.fround));
  }
}

export const FOUR = Buffer.from(Float32Array.of(1, 2, 3, 4).buffer);

/** Makes an archive with a pickle of this object and one storage of four numbers. */
export function archive(root: Buffer, more: [string, Buffer][] = [], changes: ArchiveChanges = {}): Buffer {
  return archiveOf([['archive/data.pkl', pickleOf(root)], ['archive/data/0', FOUR], ...more], changes);
}
