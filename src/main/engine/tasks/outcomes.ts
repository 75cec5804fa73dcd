/**
 * Records which images of a split an evaluation of classification got right, as bits: 12.5 kB for the 50,000 validation
 * images of ImageNet-1k, including the bits that say which images could be read.
 */
import type { EvaluationDetail } from './evaluation';

/** Kind of the detail that stores them. */
export const OUTCOMES = 'outcomes';

/** Two bit strings. Bit i is bit i % 8, counted from the lowest, of byte i / 8; i is the image's index in the split. */
export interface Outcomes {
  /** Images with a label that could be read. */
  measured: Uint8Array;
  /** Images of these whose own class ranked first. */
  right: Uint8Array;
}

/** Returns one bit of a bit string. */
export const bitAt = (bits: Uint8Array, index: number): boolean => (((bits[index >> 3] ?? 0) >> (index & 7)) & 1) === 1;

function setBit(bits: Uint8Array, index: number): void {
  bits[index >> 3] = (bits[index >> 3] as number) | (1 << (index & 7));
}

/** Records the images one by one, in the split's order. */
export class OutcomeRecorder {
  private measured = new Uint8Array(64);
  private right = new Uint8Array(64);
  private images = 0;

  /** Records one image. @param right null where the row has no image, or an unlabelled one */
  add(right: boolean | null): void {
    const index = this.images++;
    if (index >> 3 === this.measured.length) {
      this.measured = doubled(this.measured);
      this.right = doubled(this.right);
    }
    if (right === null) return;
    setBit(this.measured, index);
    if (right) setBit(this.right, index);
  }

  result(): Outcomes {
    const bytes = Math.ceil(this.images / 8);
    return { measured: this.measured.slice(0, bytes), right: this.right.slice(0, bytes) };
  }
}

function doubled(bits: Uint8Array): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(2 * bits.length);
  larger.set(bits);
  return larger;
}

/** Packs both bit strings into the detail that is stored. */
export const outcomesDetail = ({ measured, right }: Outcomes): EvaluationDetail => ({
  ...{ kind: OUTCOMES, json: { bytes: measured.length } },
  blob: Buffer.concat([measured, right]),
});

/** Reads the stored detail. */
export function readOutcomes({ json, blob }: Pick<EvaluationDetail, 'json' | 'blob'>): Outcomes {
  const { bytes } = json as { bytes: number };
  const both = blob ?? new Uint8Array();
  return { measured: both.subarray(0, bytes), right: both.subarray(bytes) };
}
