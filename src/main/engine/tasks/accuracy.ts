/** Computes evaluation figures from logits on the host. Pure functions. */
import { ConfusionCounter } from './confusion';
import { OutcomeRecorder, type Outcomes } from './outcomes';

export interface ClassAccuracy {
  correct: number;
  count: number;
}

export interface EvaluationResult {
  /**
   * Fraction 0..1 of the images that could be read; NaN without any. top5 is null below six classes, where it would
   * mean nothing.
   */
  top1: number;
  top5: number | null;
  /** Mean cross-entropy without label smoothing; not finite where one image's is not. */
  loss: number;
  /** Number of images that were measured. */
  count: number;
  /** Number of them whose scores allow no prediction. */
  nonFinite: number;
  perClass: ClassAccuracy[];
  /** The packed confusion matrix (confusion.ts); images without a prediction are in no cell. */
  confusion: Int32Array;
  /** Outcomes of the rows, in the order in which they were added. */
  outcomes: Outcomes;
}

interface Ranking {
  /** Number of classes that rank before the label's own. */
  before: number;
  /** The class that ranks first. */
  prediction: number;
}

/**
 * Ranks the label's class. Returns null where the scores allow no rank: one is NaN, or the label's own is not finite.
 * -Infinity elsewhere excludes a class. It is one plain pass over the scores, because a device that is busy for 10 ms
 * with 256 images waits for 256,000 of them.
 */
function rank(logits: Float32Array, first: number, classes: number, label: number): Ranking | null {
  const own = logits[first + label] as number;
  if (!Number.isFinite(own)) return null;
  let before = 0;
  let prediction = 0;
  let highest = -Infinity;
  for (let index = 0; index < classes; index++) {
    const score = logits[first + index] as number;
    if (Number.isNaN(score)) return null;
    if (score > own || (score === own && index < label)) before++;
    if (score > highest) {
      highest = score;
      prediction = index;
    }
  }
  return { before, prediction };
}

/**
 * Adds up batches of logits. An image counts as right in the first k where fewer than k classes rank before its own:
 * those with a higher score, and of equal scores the class with the lower number, as in numpy's argmax. Scores that are
 * not finite are never right.
 */
export class AccuracyMeter {
  private top1 = 0;
  private top5 = 0;
  private loss = 0;
  private count = 0;
  private nonFinite = 0;
  private readonly perClass: ClassAccuracy[];
  private readonly confusion: ConfusionCounter;
  private readonly outcomes = new OutcomeRecorder();

  constructor(private readonly classes: number) {
    this.perClass = Array.from({ length: classes }, () => ({ correct: 0, count: 0 }));
    this.confusion = new ConfusionCounter(classes);
  }

  /**
   * Adds logits [N, classes], losses [N], labels [N]; rows with a negative label have no image, or an unlabelled one.
   */
  add(logits: Float32Array, losses: Float32Array, labels: Int32Array): void {
    const { classes } = this;
    labels.forEach((label, row) => {
      if (label < 0) {
        this.outcomes.add(null);
        return;
      }
      this.count++;
      this.loss += losses[row] as number;
      const own = this.perClass[label] as ClassAccuracy;
      own.count++;
      const ranking = rank(logits, row * classes, classes, label);
      this.outcomes.add(ranking?.before === 0);
      if (ranking) this.addPrediction(ranking, label, own);
      else this.nonFinite++;
    });
  }

  private addPrediction({ before, prediction }: Ranking, label: number, perClass: ClassAccuracy): void {
    if (before === 0) {
      this.top1++;
      perClass.correct++;
    }
    if (before < 5) this.top5++;
    this.confusion.add(label, prediction);
  }

  result(): EvaluationResult {
    const { classes, count, nonFinite, perClass } = this;
    const confusion = this.confusion.packed();
    return {
      top1: this.top1 / count,
      top5: classes < 6 ? null : this.top5 / count,
      loss: this.loss / count,
      ...{ count, nonFinite, perClass, confusion, outcomes: this.outcomes.result() },
    };
  }
}

/**
 * Returns the softmax of one row of logits, and the classes in falling order of probability; none where a score is NaN
 * or +Infinity.
 */
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
