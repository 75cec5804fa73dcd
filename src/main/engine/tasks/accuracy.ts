/** Pure host-side evaluation figures from logits. */

export interface ClassAccuracy {
  correct: number;
  count: number;
}

export interface EvaluationResult {
  /** Fractions 0..1 of the images that could be read; NaN without any. top5 is null below six classes, where it would say nothing. */
  top1: number;
  top5: number | null;
  /** Mean cross-entropy without label smoothing; not finite where one image's is not. */
  loss: number;
  /** Images that were measured. */
  count: number;
  /** Of them, those whose scores allow no prediction. */
  nonFinite: number;
  perClass: ClassAccuracy[];
  /** [classes x classes], row = label, column = prediction, row major; images without a prediction are in no cell. */
  confusion: Int32Array;
}

/** Whether scores say anything: none is NaN, and the label's own is finite. -Infinity elsewhere rules a class out. */
const allowPrediction = (scores: Float32Array, label: number): boolean =>
  Number.isFinite(scores[label]) && !scores.some(Number.isNaN);

/**
 * Adds up batches of logits. An image is right in the first k where fewer than k classes come before its own: those with a higher score,
 * and of equal scores the class with the lower number first, as numpy's argmax has it. Scores that are not finite are never right.
 */
export class AccuracyMeter {
  private top1 = 0;
  private top5 = 0;
  private loss = 0;
  private count = 0;
  private nonFinite = 0;
  private readonly perClass: ClassAccuracy[];
  private readonly confusion: Int32Array;

  constructor(private readonly classes: number) {
    this.perClass = Array.from({ length: classes }, () => ({ correct: 0, count: 0 }));
    this.confusion = new Int32Array(classes * classes);
  }

  /** logits [N, classes], losses [N], labels [N]; rows with a negative label have no image, or none that is labelled. */
  add(logits: Float32Array, losses: Float32Array, labels: Int32Array): void {
    const { classes } = this;
    labels.forEach((label, row) => {
      if (label < 0) return;
      this.count++;
      this.loss += losses[row] as number;
      const own = this.perClass[label] as ClassAccuracy;
      own.count++;
      const scores = logits.subarray(row * classes, (row + 1) * classes);
      if (allowPrediction(scores, label)) this.addPrediction(scores, label, own);
      else this.nonFinite++;
    });
  }

  private addPrediction(scores: Float32Array, label: number, perClass: ClassAccuracy): void {
    const own = scores[label] as number;
    let before = 0;
    let prediction = 0;
    scores.forEach((score, index) => {
      if (score > own || (score === own && index < label)) before++;
      if (score > (scores[prediction] as number)) prediction = index;
    });
    if (before === 0) {
      this.top1++;
      perClass.correct++;
    }
    if (before < 5) this.top5++;
    const cell = label * this.classes + prediction;
    this.confusion[cell] = (this.confusion[cell] as number) + 1;
  }

  result(): EvaluationResult {
    const { classes, count, confusion, nonFinite, perClass } = this;
    return {
      top1: this.top1 / count,
      top5: classes < 6 ? null : this.top5 / count,
      loss: this.loss / count,
      ...{ count, nonFinite, perClass, confusion },
    };
  }
}

/** softmax of one row of logits, and the classes in falling order of probability; none where a score is NaN or +Infinity. */
export function topProbabilities(logits: Float32Array, top: number): { label: number; probability: number }[] {
  const highest = logits.reduce((best, value) => Math.max(best, value), -Infinity);
  if (!Number.isFinite(highest)) return [];
  const weights = Array.from(logits, (value) => Math.exp(value - highest));
  const total = weights.reduce((sum, value) => sum + value, 0);
  return weights
    .map((weight, label) => ({ label, probability: weight / total }))
    .sort((a, b) => b.probability - a.probability || a.label - b.label)
    .slice(0, top);
}
