/**
 * Loads thumbnails in batches and only while they are in view: pictures that were scrolled past before their turn are
 * never requested.
 */
export type Thumb = string | null;

export interface ThumbItem {
  path: string;
}

export interface ThumbLoaderOptions {
  /** Number of paths in one call. */
  batch?: number;
  /** Number of calls at the same time. */
  parallel?: number;
  /** Number of pictures that are kept; those not viewed for longest are dropped first. */
  keep?: number;
}

export class ThumbLoader {
  private readonly known = new Map<string, Thumb>();
  private readonly flying = new Set<string>();
  private wanted: readonly string[] = [];
  private calls = 0;
  private closed = false;
  private readonly options: Required<ThumbLoaderOptions>;

  constructor(
    private readonly fetch: (paths: string[]) => Promise<Thumb[]>,
    private readonly onChange: () => void,
    private readonly onError: (error: unknown) => void,
    { batch = 24, parallel = 2, keep = 1500 }: ThumbLoaderOptions = {},
  ) {
    this.options = { batch, parallel, keep };
  }

  /** Returns undefined until the picture is loaded; null where the file can't be read. */
  get(path: string): Thumb | undefined {
    return this.known.get(path);
  }

  /** Sets the pictures in view, in the order in which they should load. It replaces those wanted before. */
  want(paths: readonly string[]): void {
    this.wanted = paths;
    for (const path of paths) {
      const thumb = this.known.get(path);
      if (thumb === undefined) continue;
      this.known.delete(path);
      this.known.set(path, thumb);
    }
    this.go();
  }

  /** Forgets all pictures, e.g. because their folder has moved. */
  clear(): void {
    this.known.clear();
    this.go();
    this.onChange();
  }

  close(): void {
    this.closed = true;
  }

  private go(): void {
    while (!this.closed && this.calls < this.options.parallel) {
      const paths = this.wanted
        .filter((path) => !this.known.has(path) && !this.flying.has(path))
        .slice(0, this.options.batch);
      if (!paths.length) return;
      void this.load([...new Set(paths)]);
    }
  }

  private async load(paths: string[]): Promise<void> {
    this.calls++;
    for (const path of paths) this.flying.add(path);
    try {
      const thumbs = await this.fetch(paths);
      if (!this.closed) paths.forEach((path, index) => this.known.set(path, thumbs[index] ?? null));
    } catch (error) {
      // Requesting the same again at once would only fail again.
      for (const path of paths) this.known.set(path, null);
      if (!this.closed) this.onError(error);
    }
    for (const path of paths) this.flying.delete(path);
    this.calls--;
    if (this.closed) return;
    this.forget();
    this.onChange();
    this.go();
  }

  private forget(): void {
    const seen = new Set(this.wanted);
    for (const path of this.known.keys()) {
      if (this.known.size <= this.options.keep) return;
      if (!seen.has(path)) this.known.delete(path);
    }
  }
}
