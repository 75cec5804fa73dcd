/** Calls `act` now. What it gives or throws is given or thrown by the function returned. */
export function settled<T>(act: () => T): () => T {
  try {
    const result = act();
    return () => result;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}
