import { withGradient } from '../layers/with-gradient';
import type { Context, Tensor } from '../types';

/**
 * Makes targets [N, classes]: smoothed one-hot labels, mixed with those of the flipped batch by lam (timm's
 * mixup_target).
 */
export function softTargets({ tf }: Context, labels: Tensor, lam: Tensor, classes: number, smoothing: number): Tensor {
  // tfjs's one-hot is int32 by default, which would round the smoothed values.
  const hard = tf.oneHot(labels as never, classes, 1, 0, 'float32');
  const own: Tensor = tf.add(tf.mul(hard, 1 - smoothing), smoothing / classes);
  return tf.add(tf.mul(own, lam), tf.mul(tf.reverse(own, 0), tf.sub(1, lam)));
}

/**
 * Returns the mean cross-entropy of soft targets: logits and targets float32 [N, classes] -> scalar. Its gradient is
 * (softmax - target) / N where targets sum to 1.
 */
export function softCrossEntropy({ tf }: Context, logits: Tensor, targets: Tensor): Tensor {
  return withGradient(
    tf,
    [logits, targets],
    (scores: Tensor, wanted: Tensor) => {
      const logProbabilities: Tensor = tf.logSoftmax(scores);
      return {
        value: tf.neg(tf.mean(tf.sum(tf.mul(logProbabilities, wanted), -1))),
        saved: [logProbabilities, wanted],
      };
    },
    (dy, [kept, target]) => {
      const rows = kept.shape[0] as number;
      return [tf.mul(tf.sub(tf.exp(kept), target), tf.div(dy, rows)), tf.neg(tf.mul(kept, tf.div(dy, rows)))];
    },
  );
}
