import type { Candidate } from './entries';
import type { InspectionCache } from './inspection-cache';
import type { ToInspect } from './reader-pool';
import type { Scratch } from './scratch';

/**
 * Files that a scan has listed and that its readers take while it lists the next. They wait in the scan's working
 * table, so that their number costs no memory.
 */
export class Listed {
  /** Number of files so far. */
  count = 0;
  /** Whether no more files will come. */
  isWhole = false;
  /** Called when files have come, and when no more will. */
  onMore: () => void = () => undefined;
  private page: { id: number; path: string }[] = [];
  private at = 0;
  private lastId = 0;

  constructor(
    private readonly scratch: Scratch,
    private readonly cache: InspectionCache | null,
  ) {}

  /** Adds a candidate; `more` says when the added files may be taken. */
  add(candidate: Candidate): void {
    this.scratch.addCandidate(candidate);
    this.count++;
  }

  more(): void {
    this.onMore();
  }

  end(): void {
    this.isWhole = true;
    this.onMore();
  }

  /** @returns the next file; null where none waits at the moment */
  next(): ToInspect | null {
    if (this.at === this.page.length) [this.page, this.at] = [this.scratch.candidatesAfter(this.lastId), 0];
    const file = this.page[this.at++];
    if (!file) {
      this.at = 0;
      return null;
    }
    this.lastId = file.id;
    return { ...file, known: this.cache?.recall(file.path) ?? null };
  }
}
