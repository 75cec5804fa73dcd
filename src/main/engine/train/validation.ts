/** All that is measured of a run after a step, what it says, and whether it is the best so far. */
import type { RunConfig } from '../../../shared/run-config';
import type { EvalLoader } from '../data/loader/eval-loader';
import type { LoaderProblem } from '../data/loader/pool';
import type { Executor } from '../types';
import type { EvaluationResult } from './accuracy';
import type { Best } from './checkpoint';
import { evaluate, type Measurement } from './evaluate';

export interface ValidationParts {
  config: RunConfig;
  classes: number;
  executor: Executor;
  evalLoader: EvalLoader;
  /** Images of the split, as the record says. */
  images: number;
}

export interface Validation {
  raw: EvaluationResult;
  /** Null where the run has no EMA weights. */
  ema: EvaluationResult | null;
  /** At the size that the stage trains at; null where that is not asked for. */
  stage: EvaluationResult | null;
  /** What could not be read. */
  problems: LoaderProblem[];
}

/** @param bandwidth of the stage that has trained  @param stop true gives it all up @returns null where it was given up */
export async function validate(
  { config, classes, executor, evalLoader }: ValidationParts,
  bandwidth: number,
  stop: () => boolean,
): Promise<Validation | null> {
  const wanted = {
    raw: { bandwidth: config.size, weights: 'raw' },
    ...(config.ema.decay === null ? {} : { ema: { bandwidth: config.size, weights: 'ema' } }),
    // At the final size it is the first one.
    ...(config.eval.at_stage_size && bandwidth !== config.size ? { stage: { bandwidth, weights: 'raw' } } : {}),
  } as const satisfies Record<string, Measurement>;
  const made = await evaluate(Object.values(wanted), {
    ...{ executor, loader: evalLoader, classes, batch: config.eval.batch, stop },
  });
  const problems = evalLoader.problems();
  if (!made) return null;
  const of = (which: string): EvaluationResult | null => made[Object.keys(wanted).indexOf(which)] ?? null;
  const raw = of('raw') as EvaluationResult;
  return { raw, ema: of('ema'), stage: config.eval.at_stage_size ? (of('stage') ?? raw) : null, problems };
}

/** Points to record; none of a pass that could read no image. */
export function validationValues({ raw, ema, stage }: Pick<Validation, 'raw' | 'ema' | 'stage'>): Record<string, number> {
  const of = (result: EvaluationResult | null, suffix: string): Record<string, number> =>
    result?.count
      ? {
          [`val/loss${suffix}`]: result.loss,
          [`val/top1${suffix}`]: result.top1,
          ...(result.top5 === null || suffix === '_stage' ? {} : { [`val/top5${suffix}`]: result.top5 }),
        }
      : {};
  return { 'val/images': raw.count, ...of(raw, ''), ...of(ema, '_ema'), ...of(stage, '_stage') };
}

/**
 * What an evaluation is worth where the best is chosen: its top-1, images that could not be read counting as wrong, so that a few easy ones
 * that could be read are never the best. Null where a figure is not finite.
 */
export function worth({ top1, loss, count }: EvaluationResult, images: number): number | null {
  if (count === 0 || !Number.isFinite(loss) || !Number.isFinite(top1)) return null;
  return count === images ? top1 : (top1 * count) / images;
}

/** The best after an evaluation of step `step`: the one before, or a new one. */
export function bestAfter(best: Best | null, result: EvaluationResult, images: number, step: number): Best | null {
  const value = worth(result, images);
  return value === null || (best !== null && value <= best.value) ? best : { metric: 'val/top1', value, step };
}

/** Files named one by one; a folder that is away for a while would fill the log. */
const MOST_NAMED = 10;

/** What there is to tell of an evaluation beside its figures: [kind, sentence]. */
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
        `${result === raw ? ', and this evaluation is not taken for the best' : ''}. Training goes on; a lower learning rate or ` +
        'optimizer.clip_grad_norm usually helps.',
    ]);
  }
  return events;
}
