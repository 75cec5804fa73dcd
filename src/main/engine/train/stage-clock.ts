import type { StageReport, TrainObserver } from './observer';

const NOTHING = { stepsDone: 0, ms: 0, computeMs: 0, loaderMs: 0, images: 0, imagesDecoded: 0 };

export interface ClockedStep {
  stage: number;
  /** Number of images that it trained on, and of those that were decoded from files. */
  images: number;
  decoded: number;
  computeMs: number;
  loaderMs: number;
}

/** Adds up each stage's time (device, waiting for the loader, the rest) and the images that it trains on. */
export class StageClock {
  private stage = -1;
  private totals = { ...NOTHING };
  private last = performance.now();
  private reported = performance.now();

  /** @param before what a resumed stage had used before */
  constructor(
    private readonly observer: Pick<TrainObserver, 'stage'>,
    before: StageReport | null = null,
  ) {
    if (!before) return;
    const { stage, seconds, computeSeconds, loaderSeconds, ...counts } = before;
    this.stage = stage;
    this.totals = { ...counts, ms: 1000 * seconds, computeMs: 1000 * computeSeconds, loaderMs: 1000 * loaderSeconds };
  }

  /** Leaves out the time since the last step: an evaluation or a checkpoint. */
  restart(): void {
    this.last = performance.now();
  }

  /** Records the end of a step; returns the milliseconds since the end of the one before. */
  step({ stage, images, decoded, computeMs, loaderMs }: ClockedStep): number {
    if (stage !== this.stage) {
      this.report();
      this.stage = stage;
      this.totals = { ...NOTHING };
    }
    const now = performance.now();
    const ms = now - this.last;
    this.last = now;
    this.totals.stepsDone++;
    this.totals.ms += ms;
    this.totals.computeMs += computeMs;
    this.totals.loaderMs += loaderMs;
    this.totals.images += images;
    this.totals.imagesDecoded += decoded;
    if (now - this.reported > 2000) this.report();
    return ms;
  }

  report(): void {
    this.reported = performance.now();
    if (this.stage < 0) return;
    const { ms, computeMs, loaderMs, ...counts } = this.totals;
    this.observer.stage({
      stage: this.stage,
      ...counts,
      seconds: ms / 1000,
      computeSeconds: computeMs / 1000,
      loaderSeconds: loaderMs / 1000,
    });
  }
}
