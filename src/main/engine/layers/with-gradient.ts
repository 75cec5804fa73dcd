import type { Tensor, TF } from '../types';

/**
 * Returns a value whose gradient is given instead of composed (tfjs's customGrad, with types).
 * @param forward makes the value from copies of the inputs; `saved` is what the gradient needs, kept until it is made
 * @param gradient returns the gradient at each input, of the input's shape, from `dy`, the gradient at the value, and
 * `saved`
 */
export function withGradient<Inputs extends readonly Tensor[], Saved extends readonly Tensor[]>(
  tf: TF,
  inputs: readonly [...Inputs],
  forward: (...inputs: Inputs) => { value: Tensor; saved: readonly [...Saved] },
  gradient: (dy: Tensor, saved: Saved) => Tensor | Tensor[],
): Tensor {
  return tf.customGrad((...args: unknown[]) => {
    const save = args.at(-1) as (tensors: Tensor[]) => void;
    const { value, saved } = forward(...(args.slice(0, -1) as unknown as Inputs));
    save([...saved]);
    return { value, gradFunc: (dy: Tensor, kept: Tensor[]) => gradient(dy, kept as unknown as Saved) };
  })(...inputs);
}
