/** Precision of a run's matrix products and convolutions. */

/** Returns the precision. @param engine the trainer's report of its engine; null before it started */
export function productsOf(engine: unknown): 'float32' | 'bfloat16' | null {
  if (typeof engine !== 'object' || engine === null) return null;
  return 'autocast' in engine && engine.autocast === true ? 'bfloat16' : 'float32';
}
