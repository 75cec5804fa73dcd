/** Tracks up to which step each series of a run is known. */
export class CurveProgress {
  private readonly upTo = new Map<string, number>();

  /** Returns the step from which on all of `names` have to be fetched; null: one of them is not known at all. */
  since(names: readonly string[]): number | null {
    let least = Infinity;
    for (const name of names) {
      const known = this.upTo.get(name);
      if (known === undefined) return null;
      least = Math.min(least, known);
    }
    return least;
  }

  /** Returns those of `names` that are not known up to `step`. */
  late(names: readonly string[], step: number): string[] {
    return names.filter((name) => (this.upTo.get(name) ?? -1) < step);
  }

  reach(names: readonly string[], step: number): void {
    for (const name of names) this.upTo.set(name, step);
  }

  clear(): void {
    this.upTo.clear();
  }
}
