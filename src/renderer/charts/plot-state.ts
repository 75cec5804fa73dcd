/** Tracks what of a chart is out of date since it was painted, and how much of it the next paint has to build. */
import type { ChartModel } from './chart-model';
import { looksDifferent } from './visible-change';

/** Stale parts: new points; also what is marked in them; everything. */
export type Stale = 'data' | 'marks' | 'all';

export interface Verdict {
  paint: boolean;
  /** Whether everything has to be built: the lines differ, or the user changed how they look. */
  anew: boolean;
}

const linesOf = ({ drawn }: ChartModel): string =>
  drawn.map(({ series, faint, band }) => series.id + (faint ? '+' : '') + (band ? '~' : '')).join('\n');

export class PlotState {
  private stale: Stale = 'all';
  /** The painted model; a newer one may differ from it by less than a pixel. */
  private painted: ChartModel | null = null;

  /** Requests a paint for which the user waits; it includes smaller requests. */
  demand(what: Stale): void {
    if (this.stale !== 'all') this.stale = what;
  }

  /** Requests a paint that may wait, without reducing what is due. */
  suggest(what: Stale): void {
    if (this.stale === 'data') this.stale = what;
  }

  /** @param columns width of the plot in pixels */
  judge(model: ChartModel, columns: number): Verdict {
    const { painted, stale } = this;
    if (stale === 'data' && painted && !looksDifferent(painted, model, columns)) return { paint: false, anew: false };
    return { paint: true, anew: stale === 'all' || !painted || linesOf(painted) !== linesOf(model) };
  }

  done(model: ChartModel): void {
    this.painted = model;
    this.stale = 'data';
  }
}
