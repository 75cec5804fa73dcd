import { kernelsLoaded } from '../../backend/kernels';
import { loadBinding } from '../../backend/load';
import { locateEngine } from '../../backend/locate';
import type { Binding } from '../../backend/node-backend';

/** Functions of libtensorflow for a loader. */
export interface NativeImages {
  binding: Binding;
  /** Whether it has our own op for views. */
  views: boolean;
}

/**
 * Loads them; null where there is no engine. It costs a thread a quarter of a second and a context of its own. The
 * thread that starts workers loads them too (pool.ts): Node unloads an addon when the last thread that loaded it ends,
 * and libtensorflow crashes the process when it is unloaded.
 */
export function nativeImages(): NativeImages | null {
  const engine = locateEngine();
  return engine.kind === 'tfjs-cpu' ? null : { binding: loadBinding(), views: kernelsLoaded(engine) };
}
