import type { Plan } from '../../../shared/curriculum/plan';
import { positionAt } from '../../../shared/curriculum/plan';

/** Seconds of training before an estimate is shown. */
const STABLE_SECONDS = 5;
/** Number of steps over which the current speed is measured. */
const WINDOW = 50;

/** Estimates throughput and time left from the steps of this process. */
export class Estimator {
  private readonly recent: { at: number; images: number }[] = [];
  private readonly began = performance.now();
  private readonly first: number;

  constructor(
    /** The run, whose plan may change during training. */
    private readonly run: { readonly plan: Plan },
    step: number,
  ) {
    this.first = positionAt(run.plan, step).t;
  }

  step(images: number): void {
    this.recent.push({ at: performance.now(), images });
    if (this.recent.length > WINDOW) this.recent.shift();
  }

  throughput(): number | null {
    const [first, last] = [this.recent[0], this.recent.at(-1)];
    if (!first || !last || last.at === first.at) return null;
    const images = this.recent.slice(1).reduce((sum, step) => sum + step.images, 0);
    return (1000 * images) / (last.at - first.at);
  }

  /**
   * Returns the seconds left of the stage, at its current speed, and of the run, by compute done so far; null until
   * stable.
   */
  left(step: number): { stage: number | null; run: number | null } {
    const { t, stage } = positionAt(this.run.plan, step);
    const seconds = (performance.now() - this.began) / 1000;
    const speed = this.throughput();
    const current = this.run.plan.stages[stage];
    if (seconds < STABLE_SECONDS || t <= this.first || speed === null || !current) return { stage: null, run: null };
    const stageLeft = ((current.first_step + current.steps - step) * current.batch) / speed;
    return { stage: stageLeft, run: Math.max(stageLeft, (seconds * (1 - t)) / (t - this.first)) };
  }
}
