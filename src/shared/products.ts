/** What a run's matrix products and convolutions were computed in. */

/** @param engine what its trainer has told of its engine; null before it started */
export function productsOf(engine: unknown): 'float32' | 'bfloat16' | null {
  if (typeof engine !== 'object' || engine === null) return null;
  return 'autocast' in engine && engine.autocast === true ? 'bfloat16' : 'float32';
}
