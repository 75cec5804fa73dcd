import { normaliseRow } from './knn';

/**
 * Labelled features of length 1: float32 [rows, dim], padded with zeros, and the labels of the rows that are filled.
 */
export interface FeatureBlock {
  features: Float32Array;
  labels: Int32Array;
}

/** Gathers rows of features, normalised, into blocks of a fixed number of rows. */
export class FeatureBlocks {
  private features: Float32Array;
  private labels: number[] = [];

  /** @param onBlock is called with each block when it is full, and by `finish` with the last one */
  constructor(
    private readonly rows: number,
    private readonly dim: number,
    private readonly onBlock: (block: FeatureBlock) => void,
  ) {
    this.features = new Float32Array(rows * dim);
  }

  /**
   * Adds features float32 [N, dim] and labels int32 [N]; rows with a negative label have no image, or an unlabelled
   * one.
   */
  add(features: Float32Array, labels: Int32Array): void {
    const { dim } = this;
    labels.forEach((label, row) => {
      if (label < 0) return;
      const place = this.features.subarray(this.labels.length * dim, (this.labels.length + 1) * dim);
      place.set(features.subarray(row * dim, (row + 1) * dim));
      normaliseRow(place);
      this.labels.push(label);
      if (this.labels.length === this.rows) this.finish();
    });
  }

  finish(): void {
    if (!this.labels.length) return;
    const block = { features: this.features, labels: Int32Array.from(this.labels) };
    this.features = new Float32Array(this.rows * this.dim);
    this.labels = [];
    this.onBlock(block);
  }
}
