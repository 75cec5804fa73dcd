import type { RunTimes } from '../types';

/** Runs each job at once. The function returned for a job returns or throws what the job did. */
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
