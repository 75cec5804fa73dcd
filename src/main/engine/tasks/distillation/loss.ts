import type { Context, Tensor } from '../../types';
import { softCrossEntropy } from '../soft-cross-entropy';
import type { Teacher } from './teacher';

/** The student's targets, and the constant subtracted from the cross-entropy so that equal answers cost nothing. */
export interface TeacherTargets {
  /** float32 [N, classes]; rows sum to 1. */
  probabilities: Tensor;
  /** Scalar: mean entropy of the rows. */
  entropy: Tensor;
}

type Kind = Pick<Teacher, 'kind' | 'temperature'>;

/** Makes the targets. @param logits the teacher's, float32 [N, classes] */
export function teacherTargets({ tf }: Context, logits: Tensor, { kind, temperature }: Kind): TeacherTargets {
  if (kind === 'hard') {
    const classes = logits.shape[1] as number;
    // The teacher's labels are not smoothed (Touvron et al., sec. 4).
    return {
      probabilities: tf.oneHot(tf.argMax(logits, -1) as never, classes, 1, 0, 'float32'),
      entropy: tf.scalar(0),
    };
  }
  const logProbabilities: Tensor = tf.logSoftmax(tf.mul(logits, 1 / temperature));
  const probabilities: Tensor = tf.exp(logProbabilities);
  return { probabilities, entropy: tf.neg(tf.mean(tf.sum(tf.mul(probabilities, logProbabilities), -1))) };
}

/**
 * Returns (1 - alpha) * CE(student, labels) + alpha * D, means over the batch. Soft: D = T^2 * KL(teacher at T ||
 * student at T). Hard: D = CE(student, the teacher's first class). Touvron et al., ICML 2021, sec. 4; T^2 keeps the
 * gradient's size for any T (Hinton et al., 2015, sec. 2). Only the student's logits get a gradient.
 * @param logits the student's, float32 [N, classes] @param labels float32 [N, classes], rows sum to 1 @returns scalar
 */
export function distillationLoss(
  context: Context,
  logits: Tensor,
  labels: Tensor,
  { probabilities, entropy }: TeacherTargets,
  { kind, alpha, temperature }: Pick<Teacher, 'kind' | 'alpha' | 'temperature'>,
): Tensor {
  const { tf } = context;
  const own = softCrossEntropy(context, logits, labels);
  const other =
    kind === 'hard'
      ? softCrossEntropy(context, logits, probabilities)
      : tf.mul(
          tf.sub(softCrossEntropy(context, tf.mul(logits, 1 / temperature), probabilities), entropy),
          temperature * temperature,
        );
  return tf.add(tf.mul(own, 1 - alpha), tf.mul(other, alpha));
}
