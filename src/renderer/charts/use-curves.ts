/**
 * The curves of one run, pulled when the store tells that something is new: only what is newer than what is here, of series that are looked
 * at, as often as it can be seen in a curve of this length, and only while the window is looked at. A zoomed range is asked for in detail.
 */
import { computed, onUnmounted, shallowRef, watch, type ComputedRef, type ShallowRef } from 'vue';
import type { Curve, Curves } from '../../shared/contract/metrics';
import { AppError, errorData, type ErrorData } from '../../shared/errors';
import { call, on } from '../api/client';
import { applied, spliced, type CurveSet } from './curve-merge';

const LEAST_MS = 250;
/** Of curves that are thinned already: new points are a fraction of a pixel. */
const LEAST_THINNED_MS = 1000;
const DETAIL_PAUSE_MS = 150;
/** Buckets a pixel of the window's width: charts take up to six tenths of it. */
const SHARE_OF_WINDOW = 0.6;
const [FEWEST, MOST] = [600, 3000];

/** As many buckets as the widest chart has pixels. */
export const bucketsToDraw = (): number => Math.round(Math.min(Math.max(window.innerWidth * SHARE_OF_WINDOW, FEWEST), MOST));

export interface StepRange {
  from: number;
  to: number;
}

export interface CurvesInput {
  run: () => string;
  names: () => readonly string[];
  /** Of `names`, those on the screen: only they are kept up to date. */
  watched?: () => readonly string[];
  /** Steps that are looked at closely; null: all. */
  zoom?: () => StepRange | null;
  /** When it changes the run may have gone back to a checkpoint: all is asked for anew. */
  anew?: () => unknown;
  most?: number;
  /** The answer for all names, where it has been asked for before. */
  first?: Promise<Curves> | null;
}

export interface CurvesState {
  /** By series; in detail where zoomed. */
  curves: ComputedRef<CurveSet>;
  lastStep: ShallowRef<number>;
  loaded: ShallowRef<boolean>;
  error: ShallowRef<ErrorData | null>;
}

export function useCurves(input: CurvesInput): CurvesState {
  const { run, names, watched = names, zoom = () => null, anew = () => null, most = bucketsToDraw() } = input;
  const whole = shallowRef<CurveSet>(new Map());
  const detail = shallowRef<{ range: StepRange; curves: CurveSet } | null>(null);
  const lastStep = shallowRef(-1);
  const loaded = shallowRef(false);
  const error = shallowRef<ErrorData | null>(null);
  /** The step that each series is known up to; none: it has to be asked for whole. */
  const upTo = new Map<string, number>();
  let first = input.first ?? null;
  let [generation, asking, again, closed] = [0, false, false, false];
  let last = 0;
  let timer: ReturnType<typeof setTimeout> | null = null;
  let detailTimer: ReturnType<typeof setTimeout> | null = null;

  const ask = (of: readonly string[], since: number | null, range: Partial<StepRange> = {}): Promise<Curves> =>
    call('metrics.curves', { run: run(), names: [...of], since, most, ...range });

  /** The first time all, so that a chart that is scrolled to is there. */
  const wanted = (): readonly string[] => (loaded.value ? watched() : names());

  async function askWhole(of: readonly string[]): Promise<Curves> {
    const early = loaded.value ? null : first;
    first = null;
    return (await early?.catch(() => null)) ?? ask(of, null);
  }

  async function pull(mine: number): Promise<void> {
    const of = wanted();
    if (!of.length) return;
    const known = of.every((name) => upTo.has(name)) ? Math.min(...of.map((name) => upTo.get(name) as number)) : null;
    let answer = known === null ? await askWhole(of) : await ask(of, known);
    let next = known === null ? null : applied(whole.value, lastStep.value, answer);
    if (!next) {
      if (known !== null) answer = await ask(of, null);
      next = new Map([...whole.value, ...answer.curves.map((curve): [string, Curve] => [curve.name, curve])]);
    }
    if (mine !== generation || closed) return;
    // Gone back: what is not looked at now is of a past that is no more.
    if (answer.last_step < lastStep.value) upTo.clear();
    for (const name of of) upTo.set(name, answer.last_step);
    whole.value = next;
    lastStep.value = answer.last_step;
    loaded.value = true;
    error.value = null;
  }

  async function look(): Promise<void> {
    if (asking) {
      again = true;
      return;
    }
    asking = true;
    last = performance.now();
    const mine = generation;
    try {
      await pull(mine);
    } catch (thrown) {
      if (mine === generation && !closed) error.value = thrown instanceof AppError ? thrown.data : errorData(thrown);
    }
    asking = false;
    if (again) {
      again = false;
      later();
    }
  }

  const pace = (): number => ([...whole.value.values()].some(({ width }) => width > 1) ? LEAST_THINNED_MS : LEAST_MS);

  function later(least = pace()): void {
    if (timer || closed || document.visibilityState === 'hidden') return;
    timer = setTimeout(
      () => {
        timer = null;
        void look();
      },
      Math.max(0, last + least - performance.now()),
    );
  }

  function soon(): void {
    if (timer) clearTimeout(timer);
    timer = null;
    later(LEAST_MS);
  }

  function restart(): void {
    generation++;
    lastStep.value = -1;
    upTo.clear();
    soon();
  }

  /** Asked for a little after the range stands still, and again while the run goes on in it. */
  function pullDetail(): void {
    if (detailTimer) clearTimeout(detailTimer);
    const range = zoom();
    if (!range) {
      detail.value = null;
      return;
    }
    const mine = generation;
    detailTimer = setTimeout(() => {
      ask(names(), null, range)
        .then(({ curves }) => {
          if (closed || mine !== generation) return;
          detail.value = { range, curves: new Map(curves.map((curve) => [curve.name, curve])) };
        })
        .catch((thrown: unknown) => (error.value = thrown instanceof AppError ? thrown.data : errorData(thrown)));
    }, DETAIL_PAUSE_MS);
  }

  const curves = computed((): CurveSet => {
    const close = detail.value;
    if (!close) return whole.value;
    return new Map(
      [...whole.value].map(([name, curve]): [string, Curve] => {
        const fine = close.curves.get(name);
        return [name, fine ? spliced(curve, fine, close.range.from, close.range.to) : curve];
      }),
    );
  });

  watch([run, () => names().join(' '), anew], () => {
    restart();
    pullDetail();
  });
  watch(run, () => {
    whole.value = new Map();
    detail.value = null;
    loaded.value = false;
  });
  // What comes into view is shown as it is now.
  watch(
    () => watched().filter((name) => (upTo.get(name) ?? -1) < lastStep.value),
    (late) => loaded.value && late.length && soon(),
  );
  watch([() => zoom()?.from, () => zoom()?.to], pullDetail);
  watch(lastStep, (now, before) => {
    const range = zoom();
    if (range && before >= 0 && before < range.to && now > before) pullDetail();
  });
  // While nobody looked, the run may have gone back and on again beyond where it was.
  const seen = (): void => {
    if (document.visibilityState === 'visible') restart();
  };
  document.addEventListener('visibilitychange', seen);
  const stop = on('store', () => later());
  onUnmounted(() => {
    closed = true;
    stop();
    document.removeEventListener('visibilitychange', seen);
    if (timer) clearTimeout(timer);
    if (detailTimer) clearTimeout(detailTimer);
  });
  void look();
  return { curves, lastStep, loaded, error };
}
