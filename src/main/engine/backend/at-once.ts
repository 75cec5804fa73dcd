import type { RunTimes } from '../types';

/**
 * Runs what is handed over at once. What a run gave or threw is given or thrown by the function that is returned for
 * it.
 */
export class AtOnce {
  private ended = performance.now();

  run<T>(act: () => T): () => RunTimes & { result: T } {
    const began = performance.now();
    const idleBefore = began - this.ended;
    try {
      const result = act();
      this.ended = performance.now();
      const milliseconds = this.ended - began;
      return () => ({ result, milliseconds, idleBefore });
    } catch (error) {
      this.ended = performance.now();
      return () => {
        throw error;
      };
    }
  }
}
