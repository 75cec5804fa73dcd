/**
 * Weighted k-nearest-neighbour classification of features (Wu et al., CVPR 2018, sec. 3.4, "Unsupervised Feature
 * Learning via Non-Parametric Instance Discrimination"; as DINO measures features, Caron et al., ICCV 2021): each of
 * the k most similar images of the bank votes for its class with weight exp(cosine similarity / temperature).
 */

/** Number of neighbours that vote (Caron et al., ICCV 2021). */
export const NEIGHBOURS = 20;

/** Temperature that divides similarities (Wu et al., CVPR 2018). */
export const TEMPERATURE = 0.07;

/** Class of an image that is similar to nothing. */
export const NO_CLASS_FOUND = -1;

/**
 * Scales one row to length 1 in the L2 norm, in place. A row of zeros stays, so that its similarity to all others is 0.
 * A row with a value that is not finite becomes NaN, so that it neither is a neighbour nor has one.
 */
export function normaliseRow(row: Float32Array): void {
  const norm = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
  if (norm === 0) return;
  const scale = Number.isFinite(norm) ? 1 / norm : NaN;
  row.forEach((value, index) => (row[index] = value * scale));
}

/**
 * Finds the k most similar images of a bank for each query. The bank comes in blocks, so that it is never held as a
 * whole. Of equally similar images the earlier one counts as nearer. Where the bank has fewer than k images, all of
 * them are neighbours.
 */
export class NearestNeighbours {
  /** [queries x k], most similar first; unused places are -Infinity. */
  private readonly similarities: Float32Array;
  private readonly labels: Int32Array;

  constructor(
    private readonly queries: number,
    private readonly k: number,
  ) {
    this.similarities = new Float32Array(queries * k).fill(-Infinity);
    this.labels = new Int32Array(queries * k).fill(NO_CLASS_FOUND);
  }

  /**
   * Adds a block of the bank.
   * @param similarities float32 [>= queries, width] of each query to a block of the bank, row major
   * @param labels int32 [<= width] of that block; columns past it are padding
   */
  add(similarities: Float32Array, width: number, labels: Int32Array): void {
    for (let query = 0; query < this.queries; query++) {
      const last = (query + 1) * this.k - 1;
      for (let column = 0; column < labels.length; column++) {
        const similarity = similarities[query * width + column] as number;
        if (similarity > (this.similarities[last] as number)) this.insert(query, similarity, labels[column] as number);
      }
    }
  }

  private insert(query: number, similarity: number, label: number): void {
    const first = query * this.k;
    let place = first + this.k - 1;
    for (; place > first && similarity > (this.similarities[place - 1] as number); place--) {
      this.similarities[place] = this.similarities[place - 1] as number;
      this.labels[place] = this.labels[place - 1] as number;
    }
    this.similarities[place] = similarity;
    this.labels[place] = label;
  }

  /**
   * Returns the class with the largest sum of votes for each query, the lowest of equals: int32 [queries],
   * NO_CLASS_FOUND where no image of the bank is a neighbour.
   */
  predictions(classes: number, temperature = TEMPERATURE): Int32Array {
    return Int32Array.from({ length: this.queries }, (_, query) => {
      const votes = new Float64Array(classes);
      for (let place = query * this.k; place < (query + 1) * this.k; place++) {
        const label = this.labels[place] as number;
        if (label === NO_CLASS_FOUND) break;
        votes[label] = (votes[label] as number) + Math.exp((this.similarities[place] as number) / temperature);
      }
      let best = NO_CLASS_FOUND;
      let most = 0;
      votes.forEach((weight, label) => {
        if (weight <= most) return;
        best = label;
        most = weight;
      });
      return best;
    });
  }
}
