import { withGradient } from '../../layers/with-gradient';
import type { Context, Tensor } from '../../types';

/** Returns the mean over a patch of the squared difference: two float32 [N, L, P] -> [N, L]. */
const errors = ({ tf }: Context, prediction: Tensor, target: Tensor): Tensor =>
  tf.mean(tf.square(tf.sub(prediction, target)), -1);

/**
 * Returns the mean squared error of the masked patches of a batch (He et al., CVPR 2022, sec. 3): mean over a patch's
 * numbers, then over all masked patches. prediction, target float32 [N, L, P], mask float32 [N, L], 1 where masked ->
 * scalar. Its gradient reaches the prediction only.
 */
export function maskedLoss(context: Context, prediction: Tensor, target: Tensor, mask: Tensor): Tensor {
  const { tf } = context;
  const count = tf.sum(mask);
  return withGradient(
    tf,
    [prediction],
    (values: Tensor) => ({
      value: tf.div(tf.sum(tf.mul(errors(context, values, target), mask)), count),
      saved: [values, target, mask, count],
    }),
    (dy, [kept, wanted, weights, masked]) => {
      const [batch, length, width] = kept.shape as [number, number, number];
      const scale = tf.div(tf.mul(dy, 2 / width), masked);
      return tf.mul(tf.sub(kept, wanted), tf.reshape(tf.mul(weights, scale), [batch, length, 1]));
    },
  );
}

/** Returns the same error of each image: -> float32 [N]. */
export function lossOfImages(context: Context, prediction: Tensor, target: Tensor, mask: Tensor): Tensor {
  const { tf } = context;
  return tf.div(tf.sum(tf.mul(errors(context, prediction, target), mask), 1), tf.sum(mask, 1));
}
