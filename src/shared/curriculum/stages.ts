import { AppError } from '../errors';
import type { ScheduleConfig, StageConfig } from '../run-config';
import { adaptiveProblems } from './adaptive-problems';
import type { Preset, PresetStage } from './preset';
import { nearestSizes, nearestValid, reasonText, refusalOf, type SizeRefusal, type SizeRule } from './size-rule';
import { REPLAY_PARTS, replayMultiple } from './replay';
import type { StageProblem } from './stage-problem';

/** The papers' final size, for which presets are written. */
const REFERENCE_SIZE = 224;
/** The smallest published bandwidth. */
const SMALLEST = 96;

/**
 * Returns the cost of a pass at B in passes at the final size: (B / final)^2 (docs: FLOPs are shown beside it, never
 * used in its place).
 */
export const cost = (bandwidth: number, size: number): number => (bandwidth / size) ** 2;

function bandwidthOf({ bandwidth }: PresetStage, size: number, rule: SizeRule): number {
  if (bandwidth === 'final') return size;
  const scaled = (reference: number): number => nearestValid((reference * size) / REFERENCE_SIZE, size, rule);
  if (typeof bandwidth === 'number') return scaled(bandwidth);
  if (size === REFERENCE_SIZE) return scaled(bandwidth.reference);
  // Below the smallest published size, the midpoint from there would be above the final size.
  return nearestValid(((size < SMALLEST ? scaled(SMALLEST) : SMALLEST) + size) / 2, size, rule);
}

/**
 * Adapts a preset to a final size and a model: sizes scale as B * size / 224 and are rounded to what the model takes.
 */
export function scheduleOf(preset: Preset, size: number, rule: SizeRule, equivalentEpochs: number): ScheduleConfig {
  const stages = preset.stages.map((stage): StageConfig => ({
    bandwidth: bandwidthOf(stage, size, rule),
    magnitude: stage.magnitude,
    magnitude_end: stage.magnitude_end ?? null,
    share: stage.share,
    batch: null,
    replay_times: 1,
  }));
  return {
    preset: preset.id,
    share_of: preset.share_of,
    equivalent_epochs: equivalentEpochs,
    stages,
    adaptive: preset.adaptive ?? null,
    low_frequency_mode: 'crop',
  };
}

/** The run's batch, and the number of parts in which it is taken. */
export interface BatchRule {
  batch: number;
  parts: number;
}

const WHOLE: BatchRule = { batch: 1, parts: 1 };

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}

/**
 * Returns the number of which a stage's batch has to be a multiple: its parts hold whole pairs, as images are mixed in
 * pairs, and it replays whole parts.
 */
export function batchMultiple(replayTimes: number, parts: number): number {
  const [pairs, replayed] = [parts === 1 ? 1 : 2 * parts, replayMultiple(replayTimes)];
  return (pairs * replayed) / greatestDivisor(pairs, replayed);
}

/** Reports stages with the run's batch once for each number of times that they replay. */
function batchProblems({ stages }: ScheduleConfig, { batch: usual, parts }: BatchRule): StageProblem[] {
  const told = new Set<number>();
  return stages.flatMap((own, stage): StageProblem[] => {
    const { replay_times } = own;
    const batch = own.batch ?? usual;
    const multiple = batchMultiple(replay_times, parts);
    const isTold = own.batch === null && told.has(replay_times);
    if (own.batch === null) told.add(replay_times);
    if (isTold || batch % multiple === 0) return [];
    const nearest = Math.max(Math.round(batch / multiple), 1) * multiple;
    const problem = { stage, field: 'batch' as const, nearest, sizes: [] };
    const facts = { number: stage + 1, batch, nearest };
    if (batch % replayMultiple(replay_times) === 0) {
      const message = `Stage ${stage + 1}: a batch of ${batch} can't be taken in ${parts} equal parts of whole pairs; the nearest that can is ${nearest}.`;
      return [{ ...problem, code: 'not_split', facts: { ...facts, parts }, message }];
    }
    const message = `Stage ${stage + 1}: a batch of ${batch} with replay_times ${replay_times} has no ${REPLAY_PARTS} equal parts of fresh images; the nearest that has is ${nearest}.`;
    return [
      { ...problem, code: 'not_replayed', facts: { ...facts, parts: REPLAY_PARTS, times: replay_times }, message },
    ];
  });
}

/** Says what is wrong with a stage's size, to follow its "B = 100". */
function sizeComplaint(
  { code, limit }: Pick<SizeRefusal, 'limit'> & { code: StageProblem['code'] },
  rule: SizeRule,
): string {
  if (code === 'larger') return `is larger than the final size ${limit}`;
  if (code === 'smaller') return `is smaller than the model's ${limit} pixels`;
  if (code === 'not_whole') return 'is no whole number of pixels';
  return `is not a multiple of the model's ${limit} pixels (${reasonText(rule)})`;
}

function sizeProblems({ stages }: ScheduleConfig, size: number, rule: SizeRule): StageProblem[] {
  return stages.flatMap(({ bandwidth }, stage): StageProblem[] => {
    const refusal = bandwidth > size ? { code: 'larger' as const, limit: size } : refusalOf(rule, bandwidth);
    if (!refusal) return [];
    const { code, limit } = refusal;
    const around = nearestSizes(rule, bandwidth, size);
    const sizes = around.toSorted((a, b) => a - b);
    const [nearest = size] = around;
    const proposed = sizes.length > 1 ? `sizes are ${sizes.join(' and ')}` : `size is ${nearest}`;
    const message = `Stage ${stage + 1}: B = ${bandwidth} ${sizeComplaint(refusal, rule)}; the nearest valid ${proposed}.`;
    const facts = { number: stage + 1, bandwidth, limit, nearest };
    return [{ stage, field: 'bandwidth', code, facts, message, nearest, sizes }];
  });
}

/** Lists the problems of a schedule's stages. @param size final size in px @param rule sizes that the model accepts */
export function stageProblems(schedule: ScheduleConfig, size: number, rule: SizeRule, batches = WHOLE): StageProblem[] {
  const problems = sizeProblems(schedule, size, rule);
  problems.push(...batchProblems(schedule, batches), ...adaptiveProblems(schedule));
  const total = schedule.stages.reduce((sum, { share }) => sum + share, 0);
  if (Math.abs(total - 1) > 1e-6)
    problems.push({
      stage: schedule.stages.length - 1,
      field: 'share',
      code: 'sum',
      facts: { total },
      message: `The shares add up to ${total}, not 1.`,
      nearest: null,
      sizes: [],
    });
  return problems;
}

/** Checks the stages. @throws AppError invalid_stage naming every problem */
export function checkStages(schedule: ScheduleConfig, size: number, rule: SizeRule, batches = WHOLE): void {
  const refusal = refusalOf(rule, size);
  if (refusal) {
    const nearest = nearestSizes(rule, size);
    throw new AppError({
      code: 'invalid_stage',
      what: `The model does not take images of ${size} px.`,
      why: refusal.why,
      next: `Use --size ${nearest.toSorted((a, b) => a - b).join(' or ')}.`,
      action: { id: 'use_size', values: { size: nearest[0] as number } },
    });
  }
  const problems = stageProblems(schedule, size, rule, batches);
  if (!problems.length) return;
  const isBandwidth = problems.some(({ field }) => field === 'bandwidth');
  const isBatch = !isBandwidth && problems.some(({ field }) => field === 'batch');
  const isMagnitude = problems.every(({ field }) => field === 'magnitude');
  const next = isBandwidth
    ? 'Set the nearest valid sizes, or use a preset, which rounds them by itself.'
    : isBatch
      ? 'Set the nearest valid batch with --batch, or another optimizer.grad_accum_steps or replay_times.'
      : isMagnitude
        ? 'Set magnitude_end of the stages named to null, or schedule.adaptive to null.'
        : 'Change the shares so that they add up to 1.';
  throw new AppError({
    code: 'invalid_stage',
    what: 'The schedule does not fit the model.',
    why: problems.map(({ message }) => message).join(' '),
    next,
    action: isBatch ? { id: 'nearest_batch' } : undefined,
  });
}
