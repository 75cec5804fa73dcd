/** The curves of one run over all its steps: only newer points are fetched, and only while the window is visible. */
import { onScopeDispose, shallowRef, type ShallowRef } from 'vue';
import type { Curve, Curves } from '../../shared/contract/metrics';
import { errorData, type ErrorData } from '../../shared/errors';
import { applied, type CurveSet } from './curve-merge';
import { CurveProgress } from './curve-progress';
import { paced } from './paced';

const LEAST_MS = 250;
/**
 * Least time between requests for curves that are thinned already, because a new point moves them by less than a pixel.
 */
const LEAST_THINNED_MS = 1000;

export interface WholeInput {
  /** Fetches curves. @param since null: from the first step on */
  ask: (names: readonly string[], since: number | null) => Promise<Curves>;
  names: () => readonly string[];
  /** The names of `names` on the screen. */
  watched: () => readonly string[];
  /** The answer for all names, where it was asked for before. */
  first: Promise<Curves> | null;
}

export interface WholeCurves {
  curves: ShallowRef<CurveSet>;
  lastStep: ShallowRef<number>;
  loaded: ShallowRef<boolean>;
  error: ShallowRef<ErrorData | null>;
  /** Changes with every `restart`: an answer to an earlier question is dropped. */
  generation: () => number;
  /** Fetches at the pace of the curves. */
  later: () => void;
  /** Fetches as soon as possible, for charts that have come into view. */
  soon: () => void;
  /** Returns those of `names` that lag behind the last step. */
  late: (names: readonly string[]) => string[];
  /** Fetches everything again; the shown curves stay until the answer comes. */
  restart: () => void;
  /** Shows nothing until the next answer. */
  forget: () => void;
}

/** The curves after an answer. */
interface Answered {
  curves: CurveSet;
  lastStep: number;
}

export function useWholeCurves({ ask, names, watched, first }: WholeInput): WholeCurves {
  const curves = shallowRef<CurveSet>(new Map());
  const lastStep = shallowRef(-1);
  const loaded = shallowRef(false);
  const error = shallowRef<ErrorData | null>(null);
  const progress = new CurveProgress();
  let [early, generation, closed] = [first, 0, false];

  async function askWhole(of: readonly string[]): Promise<Answered> {
    const asked = loaded.value ? null : early;
    early = null;
    const answer = (await asked?.catch(() => null)) ?? (await ask(of, null));
    const found = answer.curves.map((curve): [string, Curve] => [curve.name, curve]);
    return { curves: new Map([...curves.value, ...found]), lastStep: answer.last_step };
  }

  async function answered(of: readonly string[]): Promise<Answered> {
    const since = progress.since(of);
    if (since === null) return askWhole(of);
    const answer = await ask(of, since);
    const next = applied(curves.value, lastStep.value, answer);
    return next ? { curves: next, lastStep: answer.last_step } : askWhole(of);
  }

  function take(of: readonly string[], next: Answered): void {
    // The run went back to a checkpoint: series that are not on the screen belong to a past that no longer counts.
    if (next.lastStep < lastStep.value) progress.clear();
    progress.reach(of, next.lastStep);
    curves.value = next.curves;
    lastStep.value = next.lastStep;
    loaded.value = true;
    error.value = null;
  }

  async function pull(): Promise<void> {
    // The first request asks for all of them, so that a chart is ready when the user scrolls to it.
    const of = loaded.value ? watched() : names();
    const mine = generation;
    try {
      if (!of.length) return;
      const next = await answered(of);
      if (mine === generation && !closed) take(of, next);
    } catch (thrown) {
      if (mine === generation && !closed) error.value = errorData(thrown);
    }
  }

  const thinned = (): boolean => [...curves.value.values()].some(({ width }) => width > 1);
  const visible = (): boolean => document.visibilityState !== 'hidden';
  const pace = paced({ work: pull, pace: () => (thinned() ? LEAST_THINNED_MS : LEAST_MS), useful: visible });
  const soon = (): void => pace.sooner(LEAST_MS);

  function restart(): void {
    generation++;
    lastStep.value = -1;
    progress.clear();
    soon();
  }

  function forget(): void {
    curves.value = new Map();
    loaded.value = false;
  }

  onScopeDispose(() => {
    closed = true;
    pace.close();
  });
  void pace.now();
  const late = (of: readonly string[]): string[] => progress.late(of, lastStep.value);
  return {
    curves,
    lastStep,
    loaded,
    error,
    generation: () => generation,
    later: () => pace.later(),
    soon,
    late,
    restart,
    forget,
  };
}
