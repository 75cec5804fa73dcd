/** The curves of a zoomed range in detail, fetched shortly after the range has stopped changing. */
import { onScopeDispose, shallowRef, type ShallowRef } from 'vue';
import type { Curves } from '../../shared/contract/metrics';
import type { CurveSet } from './curve-merge';

const PAUSE_MS = 150;

/** First and last step. */
export interface StepRange {
  from: number;
  to: number;
}

export interface Detail {
  range: StepRange;
  curves: CurveSet;
}

export interface DetailInput {
  range: () => StepRange | null;
  ask: (range: StepRange) => Promise<Curves>;
  /** An answer of another generation is dropped. */
  generation: () => number;
  fail: (thrown: unknown) => void;
}

export interface DetailCurves {
  /** Null: not zoomed, or not answered yet. */
  detail: ShallowRef<Detail | null>;
  pull: () => void;
}

export function useDetailCurves({ range, ask, generation, fail }: DetailInput): DetailCurves {
  const detail = shallowRef<Detail | null>(null);
  let timer: ReturnType<typeof setTimeout> | null = null;
  let closed = false;

  async function look(asked: StepRange, mine: number): Promise<void> {
    try {
      const { curves } = await ask(asked);
      if (closed || mine !== generation()) return;
      detail.value = { range: asked, curves: new Map(curves.map((curve) => [curve.name, curve])) };
    } catch (thrown) {
      fail(thrown);
    }
  }

  function pull(): void {
    if (timer) clearTimeout(timer);
    const asked = range();
    if (!asked) {
      detail.value = null;
      return;
    }
    const mine = generation();
    timer = setTimeout(() => void look(asked, mine), PAUSE_MS);
  }

  onScopeDispose(() => {
    closed = true;
    if (timer) clearTimeout(timer);
  });
  return { detail, pull };
}
