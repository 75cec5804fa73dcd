/** Measures a run after a step, reports on it, and decides whether it is the best so far. */
import { isBetter, metricOf } from '../../../shared/metrics';
import type { RunConfig } from '../../../shared/run-config';
import type { EvalLoader } from '../data/loader/eval-loader';
import type { LoaderProblem } from '../data/loader/pool';
import { evaluateKnn, type KnnEvaluation } from './knn-evaluation';
import type { Evaluation, MeasuredSplit, Measurement } from '../tasks/evaluation';
import type { Task } from '../tasks/task';
import type { Executor } from '../types';
import type { Best } from '../../../shared/contract/common';
import { evaluate } from './evaluate';

/** The parts of k-NN that are the same in every evaluation. */
export type KnnParts = Omit<KnnEvaluation, 'executor' | 'stop' | 'onProgress'>;

export interface ValidationParts {
  config: RunConfig;
  evaluation: Evaluation;
  executor: Executor;
  evalLoader: EvalLoader;
  knn: KnnParts | null;
}

export interface Validation {
  raw: MeasuredSplit;
  /** Null where the run has no EMA weights. */
  ema: MeasuredSplit | null;
  /** Figures at the size that the stage trains at; null where they are not asked for. */
  stage: MeasuredSplit | null;
  /** Images that could not be read. */
  problems: LoaderProblem[];
}

/**
 * Evaluates a run.
 * @param bandwidth of the stage that has trained @param stop true aborts the evaluation @returns null where it was
 * aborted
 */
export async function validate(
  { config, evaluation, executor, evalLoader, knn }: ValidationParts,
  bandwidth: number,
  stop: () => boolean,
): Promise<Validation | null> {
  const { batch } = config.eval;
  const wanted: Record<string, Measurement> = {
    raw: { batch, bandwidth: config.size, weights: 'raw' },
    ...(config.ema.decay === null ? {} : { ema: { batch, bandwidth: config.size, weights: 'ema' } }),
    // At the final size this pass would equal the first one.
    ...(config.eval.at_stage_size && bandwidth !== config.size ? { stage: { batch, bandwidth, weights: 'raw' } } : {}),
  };
  const meters = new Map(Object.entries(wanted).map(([which, measurement]) => [which, evaluation.meter(measurement)]));
  const whole = await evaluate([...meters.values()], { executor, loader: evalLoader, stop });
  const neighbours = whole && knn ? await evaluateKnn({ ...knn, executor, stop }) : null;
  const problems = [evalLoader, ...(knn ? [knn.queries, knn.bank] : [])].flatMap((loader) => loader.problems());
  if (!whole || (knn && !neighbours)) return null;
  const of = (which: string): MeasuredSplit | null => meters.get(which)?.result() ?? null;
  const raw = of('raw') as MeasuredSplit;
  if (neighbours?.queries) raw.figures['knn_top1'] = neighbours.top1;
  return { raw, ema: of('ema'), stage: config.eval.at_stage_size ? (of('stage') ?? raw) : null, problems };
}

/** Returns the points to record, none for a pass that could read no image. */
export function validationValues(
  { raw, ema, stage }: Pick<Validation, 'raw' | 'ema' | 'stage'>,
  metrics: Evaluation['metrics'],
): Record<string, number> {
  const of = (result: MeasuredSplit | null, suffix: '' | '_ema' | '_stage'): [string, number][] =>
    metrics.flatMap(({ id, atStage }): [string, number][] => {
      const value = result?.count ? result.figures[id] : null;
      const wanted = suffix !== '_stage' || atStage;
      return value === undefined || value === null || !wanted ? [] : [[`val/${id}${suffix}`, value]];
    });
  return {
    'val/images': raw.count,
    ...Object.fromEntries([...of(raw, ''), ...of(ema, '_ema'), ...of(stage, '_stage')]),
  };
}

/**
 * Returns the value of an evaluation for choosing the best. Images that could not be read count against it, so that a
 * few easy images that could be read are never the best. Null where a figure is not finite.
 */
export function worth(
  { figures, count }: MeasuredSplit,
  images: number,
  { metric, better }: Task['best'],
): number | null {
  const value = figures[metricOf(metric).id];
  if (count === 0 || value === null || value === undefined) return null;
  if (!Object.values(figures).every((figure) => figure === null || Number.isFinite(figure))) return null;
  if (count === images) return value;
  return better === 'higher' ? (value * count) / images : (value * images) / count;
}

/** Returns the best after an evaluation of step `step`: the previous one, or this one. */
export function bestAfter(
  best: Best | null,
  result: MeasuredSplit,
  images: number,
  step: number,
  by: Task['best'],
): Best | null {
  const value = worth(result, images, by);
  return value === null || (best !== null && !isBetter(value, best.value, by.better))
    ? best
    : { metric: by.metric, value, step };
}

/** Only this many files are named, because a folder that is missing for a while would fill the log. */
const MOST_NAMED = 10;

/** Returns the events of an evaluation beside its figures: [kind, sentence]. */
export function validationEvents({ raw, ema, stage, problems }: Validation, images: number): [string, string][] {
  const distinct = [...new Map(problems.map((problem) => [problem.path, problem])).values()];
  const events = distinct
    .slice(0, MOST_NAMED)
    .map(({ path, reason }): [string, string] => ['unreadable', `${path} could not be read: ${reason}`]);
  if (raw.count < images)
    events.push([
      'evaluation_incomplete',
      `This evaluation measured ${raw.count} of ${images} images: the others could not be read. They count as wrong where the best ` +
        'checkpoint is chosen, and are tried again at the next evaluation.',
    ]);
  for (const [result, which] of [
    [raw, 'raw weights'],
    [ema, 'EMA weights'],
    [stage === raw ? null : stage, "raw weights at the stage's size"],
  ] as const) {
    if (!result?.nonFinite) continue;
    events.push([
      'non_finite_scores',
      `The ${which} give scores that are not finite numbers for ${result.nonFinite} of ${result.count} images. They count as wrong` +
        `${result === raw ? ', and this evaluation does not count as the best' : ''}. Training continues; a lower learning rate or ` +
        'optimizer.clip_grad_norm usually helps.',
    ]);
  }
  return events;
}
