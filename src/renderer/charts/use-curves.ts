/**
 * The curves of one run. They are fetched when the store reports changes, only for series on the screen, as often as a
 * change is visible in a curve of this length, and only while the window is visible. A zoomed range is fetched in
 * detail.
 */
import { computed, onScopeDispose, watch, type ComputedRef, type ShallowRef } from 'vue';
import type { Curve, Curves } from '../../shared/contract/metrics';
import { errorData, type ErrorData } from '../../shared/errors';
import { call, on } from '../api/client';
import { spliced, type CurveSet } from './curve-merge';
import { useDetailCurves, type Detail, type StepRange } from './use-detail-curves';
import { useWholeCurves } from './use-whole-curves';

/** Share of the window's width of the widest chart; a bucket is as wide as a pixel. */
const SHARE_OF_WINDOW = 0.6;
const [FEWEST, MOST] = [600, 3000];

/** Returns as many buckets as the widest chart has pixels. */
export const bucketsToDraw = (): number =>
  Math.round(Math.min(Math.max(window.innerWidth * SHARE_OF_WINDOW, FEWEST), MOST));

export interface CurvesInput {
  run: () => string;
  names: () => readonly string[];
  /** The names of `names` on the screen; only their curves are kept up to date. */
  watched?: () => readonly string[];
  /** The zoomed steps; null: all. */
  zoom?: () => StepRange | null;
  /** A change means that the run may have gone back to a checkpoint: everything is fetched again. */
  anew?: () => unknown;
  most?: number;
  /** The answer for all names, where it was requested before. */
  first?: Promise<Curves> | null;
}

export interface CurvesState {
  /** Curves by series; in detail where zoomed. */
  curves: ComputedRef<CurveSet>;
  lastStep: ShallowRef<number>;
  loaded: ShallowRef<boolean>;
  error: ShallowRef<ErrorData | null>;
}

/** Returns the whole curves with the zoomed range in detail. */
function detailed(whole: CurveSet, detail: Detail | null): CurveSet {
  if (!detail) return whole;
  const { range, curves } = detail;
  return new Map(
    [...whole].map(([name, curve]): [string, Curve] => {
      const fine = curves.get(name);
      return [name, fine ? spliced(curve, fine, range.from, range.to) : curve];
    }),
  );
}

/**
 * While the window was hidden the run may have gone back and then passed its earlier position: everything is fetched
 * again.
 */
function whenShown(restart: () => void): void {
  const shown = (): void => {
    if (document.visibilityState === 'visible') restart();
  };
  document.addEventListener('visibilitychange', shown);
  onScopeDispose(() => document.removeEventListener('visibilitychange', shown));
}

export function useCurves(input: CurvesInput): CurvesState {
  const {
    run,
    names,
    watched = names,
    zoom = () => null,
    anew = () => null,
    most = bucketsToDraw(),
    first = null,
  } = input;
  const ask = (of: readonly string[], since: number | null, range: Partial<StepRange> = {}): Promise<Curves> =>
    call('metrics.curves', { run: run(), names: [...of], since, most, ...range });
  const whole = useWholeCurves({ ask, names, watched, first });
  const { lastStep, loaded, error, generation } = whole;
  const fail = (thrown: unknown): void => {
    error.value = errorData(thrown);
  };
  const close = useDetailCurves({ range: zoom, ask: (range) => ask(names(), null, range), generation, fail });
  const { detail } = close;
  const curves = computed(() => detailed(whole.curves.value, detail.value));

  watch([run, () => names().join(' '), anew], () => {
    whole.restart();
    close.pull();
  });
  watch(run, () => {
    whole.forget();
    detail.value = null;
  });
  // A chart that comes into view is updated.
  watch(
    () => whole.late(watched()),
    (late) => {
      if (loaded.value && late.length) whole.soon();
    },
  );
  watch([() => zoom()?.from, () => zoom()?.to], close.pull);
  watch(lastStep, (now, before) => {
    const range = zoom();
    if (range && before >= 0 && before < range.to && now > before) close.pull();
  });
  whenShown(whole.restart);
  onScopeDispose(on('store', whole.later));
  return { curves, lastStep, loaded, error };
}
