/** Pure host-side evaluation figures from logits. */

export interface ClassAccuracy {
  correct: number;
  count: number;
}

export interface EvaluationResult {
  /** Fractions 0..1; top5 is null below six classes, where it would say nothing. */
  top1: number;
  top5: number | null;
  /** Mean cross-entropy without label smoothing. */
  loss: number;
  count: number;
  perClass: ClassAccuracy[];
  /** [classes x classes], row = label, column = prediction, row major. */
  confusion: Int32Array;
}

/** Adds up batches of logits. */
export class AccuracyMeter {
  private top1 = 0;
  private top5 = 0;
  private loss = 0;
  private count = 0;
  private readonly confusion: Int32Array;

  constructor(private readonly classes: number) {
    this.confusion = new Int32Array(classes * classes);
  }

  /** logits [N, classes], losses [N], labels [N]; a label of -1 is padding. */
  add(logits: Float32Array, losses: Float32Array, labels: Int32Array): void {
    const { classes } = this;
    labels.forEach((label, row) => {
      if (label < 0) return;
      const scores = logits.subarray(row * classes, (row + 1) * classes);
      const own = scores[label] as number;
      let better = 0;
      let prediction = 0;
      scores.forEach((score, index) => {
        if (score > own || (score === own && index < label)) better++;
        if (score > (scores[prediction] as number)) prediction = index;
      });
      if (better === 0) this.top1++;
      if (better < 5) this.top5++;
      this.loss += losses[row] as number;
      this.count++;
      const cell = label * classes + prediction;
      this.confusion[cell] = (this.confusion[cell] as number) + 1;
    });
  }

  result(): EvaluationResult {
    const { classes, count, confusion } = this;
    const perClass = Array.from({ length: classes }, (_, label) => ({
      correct: confusion[label * classes + label] as number,
      count: confusion.subarray(label * classes, (label + 1) * classes).reduce((sum, cell) => sum + cell, 0),
    }));
    return {
      top1: this.top1 / count,
      top5: classes < 6 ? null : this.top5 / count,
      loss: this.loss / count,
      count,
      perClass,
      confusion,
    };
  }
}

/** softmax of one row of logits, and the classes in falling order of probability. */
export function topProbabilities(logits: Float32Array, top: number): { label: number; probability: number }[] {
  const highest = logits.reduce((best, value) => Math.max(best, value), -Infinity);
  const weights = Array.from(logits, (value) => Math.exp(value - highest));
  const total = weights.reduce((sum, value) => sum + value, 0);
  return weights
    .map((weight, label) => ({ label, probability: weight / total }))
    .sort((a, b) => b.probability - a.probability || a.label - b.label)
    .slice(0, top);
}
