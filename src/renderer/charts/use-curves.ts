/**
 * The curves of one run, pulled when the store tells that something is new: only what is newer than what is here, at most four times a
 * second and only while the window is looked at. A zoomed range is asked for in more detail.
 */
import { computed, onUnmounted, shallowRef, watch, type ComputedRef, type ShallowRef } from 'vue';
import type { Curve } from '../../shared/contract/metrics';
import { AppError, errorData, type ErrorData } from '../../shared/errors';
import { call, on } from '../api/client';
import { applied, spliced, type CurveSet } from './curve-merge';

const LEAST_MS = 250;
const DETAIL_PAUSE_MS = 150;

export interface StepRange {
  from: number;
  to: number;
}

export interface CurvesInput {
  run: () => string;
  names: () => readonly string[];
  /** Steps that are looked at closely; null: all. */
  zoom?: () => StepRange | null;
  /** When it changes the run may have gone back to a checkpoint: all is asked for anew. */
  anew?: () => unknown;
  most?: number;
}

export interface CurvesState {
  /** By series; in detail where zoomed. */
  curves: ComputedRef<CurveSet>;
  lastStep: ShallowRef<number>;
  loaded: ShallowRef<boolean>;
  error: ShallowRef<ErrorData | null>;
}

export function useCurves({ run, names, zoom = () => null, anew = () => null, most = 1200 }: CurvesInput): CurvesState {
  const whole = shallowRef<CurveSet>(new Map());
  const detail = shallowRef<{ range: StepRange; curves: CurveSet } | null>(null);
  const lastStep = shallowRef(-1);
  const loaded = shallowRef(false);
  const error = shallowRef<ErrorData | null>(null);
  let [generation, asking, again, closed] = [0, false, false, false];
  let last = 0;
  let timer: ReturnType<typeof setTimeout> | null = null;
  let detailTimer: ReturnType<typeof setTimeout> | null = null;

  const ask = (since: number | null, range: Partial<StepRange> = {}) =>
    call('metrics.curves', { run: run(), names: [...names()], since, most, ...range });

  async function pull(mine: number): Promise<void> {
    const known = lastStep.value;
    let answer = await ask(known < 0 ? null : known);
    let next = known < 0 ? new Map(answer.curves.map((curve) => [curve.name, curve])) : applied(whole.value, known, answer);
    if (!next) {
      answer = await ask(null);
      next = new Map(answer.curves.map((curve) => [curve.name, curve]));
    }
    if (mine !== generation || closed) return;
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

  function later(): void {
    if (timer || closed || document.visibilityState === 'hidden') return;
    timer = setTimeout(
      () => {
        timer = null;
        void look();
      },
      Math.max(0, last + LEAST_MS - performance.now()),
    );
  }

  function restart(): void {
    generation++;
    lastStep.value = -1;
    later();
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
      ask(null, range)
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
  const stop = on('store', later);
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
