import type { StageReport, TrainObserver } from './observer';

/** Adds up where each stage's time goes: the device, waiting for the loader, the rest. */
export class StageClock {
  private stage = -1;
  private totals = { stepsDone: 0, ms: 0, computeMs: 0, loaderMs: 0, images: 0 };
  private last = performance.now();
  private reported = performance.now();

  /** @param before what a resumed stage took before */
  constructor(
    private readonly observer: Pick<TrainObserver, 'stage'>,
    before: StageReport | null = null,
  ) {
    if (!before) return;
    const { stage, stepsDone, seconds, computeSeconds, loaderSeconds, images } = before;
    this.stage = stage;
    this.totals = { stepsDone, ms: 1000 * seconds, computeMs: 1000 * computeSeconds, loaderMs: 1000 * loaderSeconds, images };
  }

  /** Leave out what happened since the last step: an evaluation or a checkpoint. */
  restart(): void {
    this.last = performance.now();
  }

  /** A step has ended; returns the milliseconds since the one before. */
  step(stage: number, images: number, computeMs: number, loaderMs: number): number {
    if (stage !== this.stage) {
      this.report();
      this.stage = stage;
      this.totals = { stepsDone: 0, ms: 0, computeMs: 0, loaderMs: 0, images: 0 };
    }
    const now = performance.now();
    const ms = now - this.last;
    this.last = now;
    this.totals.stepsDone++;
    this.totals.ms += ms;
    this.totals.computeMs += computeMs;
    this.totals.loaderMs += loaderMs;
    this.totals.images += images;
    if (now - this.reported > 2000) this.report();
    return ms;
  }

  report(): void {
    this.reported = performance.now();
    if (this.stage < 0) return;
    const { stepsDone, ms, computeMs, loaderMs, images } = this.totals;
    this.observer.stage({
      stage: this.stage,
      stepsDone,
      seconds: ms / 1000,
      computeSeconds: computeMs / 1000,
      loaderSeconds: loaderMs / 1000,
      images,
    });
  }
}
