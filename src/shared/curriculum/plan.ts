/**
 * Plans a schedule in steps. Progress is counted in compute (Wang et al., TPAMI 2024, sec. 5): a pass at B costs (B /
 * final)^2 of a pass at the final size, "equivalent epochs" are compute in such passes, and learning rate and warm-up
 * are functions of it.
 */
import { z } from 'zod';
import { AppError } from '../errors';
import type { RunConfig } from '../run-config';
import { adaptiveBoundsSchema } from './adaptive-bounds';
import { adaptiveBoundsOf, passesOf, type PlanConfig } from './passes';
import { freshImages } from './replay';
import { cost } from './stages';

export const planStageSchema = z.object({
  bandwidth: z.number(),
  magnitude: z.number(),
  magnitude_end: z.number(),
  batch: z.number(),
  /** Share of compute. */
  share: z.number(),
  /** Passes over the data. */
  passes: z.number(),
  first_step: z.number(),
  steps: z.number(),
  /** Number of images that train: the stage's passes and its compute count them. */
  images: z.number(),
  lr_start: z.number(),
  lr_end: z.number(),
  /** A batch has batch / replay_times freshly prepared images; with 1 none is replayed. */
  replay_times: z.number(),
  /** Number of images that are prepared anew: images / replay_times. */
  images_decoded: z.number(),
});

export const planSchema = z.object({
  stages: z.array(planStageSchema),
  totals: z.object({
    equivalent_epochs: z.number(),
    passes: z.number(),
    steps: z.number(),
    images: z.number(),
    /** Number of images that are prepared anew; without replay all of them. */
    images_decoded: z.number(),
    /**
     * FLOPs of forward and backward passes, twice the multiply-adds, including a teacher's; a linear probe has no
     * backward pass of its encoder.
     */
    flops: z.number(),
    /** FLOPs of a teacher's forward passes; 0 where there is none. */
    teacher_flops: z.number(),
    /** Compute of as many passes at the final size, over this plan's: 1 for `constant`. */
    speedup: z.number(),
  }),
  /** Number of images in the training split. */
  samples: z.number(),
  /** Bounds of the borders that the run decides during training; null where all are planned. */
  adaptive: adaptiveBoundsSchema.nullable(),
});

export type PlanStage = z.infer<typeof planStageSchema>;
export type Plan = z.infer<typeof planSchema>;
export type PlanTotals = Plan['totals'];

type EarlierStage = Omit<PlanStage, 'replay_times' | 'images_decoded'> & Partial<PlanStage>;

/** A plan as an earlier version has frozen it. */
export type StoredPlan = Omit<Plan, 'stages' | 'totals' | 'adaptive'> & {
  stages: readonly EarlierStage[];
  totals: Omit<PlanTotals, 'images_decoded' | 'teacher_flops'> & Partial<PlanTotals>;
  adaptive?: Plan['adaptive'];
};

/** Adds later fields with values for what earlier versions did: they replayed nothing, and moved no border. */
export const withLaterPlanFields = ({ stages, totals, samples, adaptive = null }: StoredPlan): Plan => ({
  stages: stages.map((stage) => ({ replay_times: 1, images_decoded: stage.images, ...stage })),
  totals: { images_decoded: totals.images, teacher_flops: 0, ...totals },
  samples,
  adaptive,
});

/**
 * Returns the passes through the network in a training step, where a backward pass counts as two forward ones. The
 * encoder of a linear probe is frozen and has no backward pass; that of its one linear layer is negligible.
 */
const passesOfStep = (task: string | undefined): number => (task === 'probe' ? 1 : 3);

/**
 * @param samples images in the training split  @param macs multiply-adds of one image's forward pass at a size
 * @param trained the first stages as another run has trained them: their steps are taken over, and the borders behind
 *   are counted from theirs
 * @throws AppError invalid_stage where a stage has no step
 */
export function buildPlan(
  config: PlanConfig,
  samples: number,
  macs: (size: number) => number,
  trained: readonly Pick<PlanStage, 'steps'>[] = [],
): Plan {
  const { schedule, size } = config;
  const passes = passesOf(schedule, size);
  let wanted = 0;
  let images = 0;
  let firstStep = 0;
  const stages = schedule.stages.map((stage, index): PlanStage => {
    const batch = stage.batch ?? config.data.batch;
    wanted += (passes[index] as number) * samples;
    // Batches are cut from one endless stream: the border is where the number of images is nearest to the exact one.
    const steps = trained[index]?.steps ?? Math.round((wanted - images) / batch);
    const laid = { first_step: firstStep, steps, images: steps * batch, batch };
    images += laid.images;
    firstStep += steps;
    const { bandwidth, magnitude } = stage;
    return {
      bandwidth,
      magnitude,
      magnitude_end: stage.magnitude_end ?? magnitude,
      share: 0,
      passes: passes[index] as number,
      ...laid,
      lr_start: 0,
      lr_end: 0,
      replay_times: stage.replay_times,
      images_decoded: steps * freshImages(batch, stage.replay_times),
    };
  });
  const empty = stages.findIndex(({ steps }) => steps < 1);
  if (empty >= 0) {
    throw new AppError({
      code: 'invalid_stage',
      what: `Stage ${empty + 1} has no step.`,
      why: `Its ${(passes[empty] as number).toFixed(2)} passes over ${samples} images are less than half a batch of ${stages[empty]?.batch}.`,
      next: 'Use more --epochs, a smaller --batch, or fewer stages.',
      action: { id: 'more_steps' },
    });
  }
  const compute = stages.map(({ images: seen, bandwidth }) => seen * cost(bandwidth, size));
  const total = compute.reduce((sum, value) => sum + value, 0);
  stages.forEach((stage, index) => (stage.share = (compute[index] as number) / total));
  const flops = stages.reduce(
    (sum, { images: seen, bandwidth }) => sum + seen * passesOfStep(config.task) * 2 * macs(bandwidth),
    0,
  );
  const totals: PlanTotals = {
    equivalent_epochs: total / samples,
    passes: images / samples,
    steps: firstStep,
    images,
    images_decoded: stages.reduce((sum, { images_decoded }) => sum + images_decoded, 0),
    flops,
    teacher_flops: 0,
    speedup: images / total,
  };
  const plan: Plan = { stages, totals, samples, adaptive: adaptiveBoundsOf(config, samples, trained) };
  for (const stage of stages) {
    stage.lr_start = learningRateAt(plan, config, stage.first_step);
    stage.lr_end = learningRateAt(plan, config, stage.first_step + stage.steps - 1);
  }
  return plan;
}

/**
 * Adds the compute of a teacher that sees every image once. The stages stay the same: equivalent epochs are those of
 * the network that is trained. @param macs multiply-adds of the teacher's forward pass of one image
 */
export function withTeacherFlops({ totals, ...plan }: Plan, macs: number): Plan {
  const teacher = totals.images * 2 * macs;
  return { ...plan, totals: { ...totals, flops: totals.flops + teacher, teacher_flops: teacher } };
}

export interface Position {
  stage: number;
  /** Share of the run's compute that is spent before this step, 0..1. */
  t: number;
  equivalent_epochs: number;
  /** Passes over the data before this step. */
  epoch: number;
}

/** Returns the position of step `step` (from 0); `steps` of the totals is the run's end. */
export function positionAt({ stages, totals, samples }: Plan, step: number): Position {
  let t = 0;
  let images = 0;
  for (const [stage, { first_step, steps, share, batch }] of stages.entries()) {
    if (step < first_step + steps || stage === stages.length - 1) {
      const within = step - first_step;
      t += (share * within) / steps;
      images += within * batch;
      return { stage, t, equivalent_epochs: t * totals.equivalent_epochs, epoch: images / samples };
    }
    t += share;
    images += steps * batch;
  }
  throw new Error('a plan without stages');
}

/**
 * Returns the length of the learning rate's schedule: equivalent epochs, or passes where its progress is counted in
 * images.
 */
const lrLength = ({ totals }: Plan, { lr_progress, lr_horizon }: RunConfig['optimizer']): number =>
  lr_horizon ?? (lr_progress === 'images' ? totals.passes : totals.equivalent_epochs);

/** Returns the learning rate's progress before a step: 0 at the start, 1 at the end of its schedule and after it. */
function lrProgress(
  plan: Plan,
  { optimizer }: Pick<RunConfig, 'optimizer'>,
  { t, equivalent_epochs, epoch }: Position,
): number {
  const { lr_progress, lr_horizon } = optimizer;
  if (lr_progress !== 'images' && (lr_horizon ?? null) === null) return t;
  return Math.min((lr_progress === 'images' ? epoch : equivalent_epochs) / lrLength(plan, optimizer), 1);
}

/**
 * Returns the warm-up as a share of the learning rate's progress: given as such, or as passes at the first stage's
 * cost, then at most a fifth so that short runs are not all warm-up.
 */
export function warmupShare(plan: Plan, { optimizer, size }: Pick<RunConfig, 'optimizer' | 'size'>): number {
  const { warmup, lr_progress } = optimizer;
  if (warmup.unit === 'fraction') return warmup.value;
  const first = lr_progress === 'images' ? 1 : cost(plan.stages[0]?.bandwidth ?? size, size);
  return Math.min((warmup.value * first) / lrLength(plan, optimizer), 0.2);
}

/**
 * Returns the learning rate of step `step`: linear warm-up, then cosine to min_lr, both in progress of compute (or of
 * images, `lr_progress`), without restarts at borders. Its peak is base_lr * batch / base_batch; where a stage's batch
 * is larger than the run's (early large batch), the square root rule applies with its upper bound (TPAMI 2024, sec. 6).
 */
export function learningRateAt(plan: Plan, config: PlanConfig, step: number): number {
  const { base_lr, base_batch, min_lr, warmup_lr, max_lr_upper_bound } = config.optimizer;
  const position = positionAt(plan, step);
  const { stage } = position;
  const t = lrProgress(plan, config, position);
  const own = plan.stages[stage]?.batch ?? config.data.batch;
  const usual = (base_lr * config.data.batch) / base_batch;
  const scaled =
    own > config.data.batch ? usual * Math.sqrt(own / config.data.batch) : (usual * own) / config.data.batch;
  const peak = max_lr_upper_bound === null ? scaled : Math.min(scaled, max_lr_upper_bound);
  const warmup = warmupShare(plan, config);
  if (t < warmup) return warmup_lr + ((peak - warmup_lr) * t) / warmup;
  return min_lr + 0.5 * (peak - min_lr) * (1 + Math.cos((Math.PI * (t - warmup)) / (1 - warmup)));
}

/**
 * Says whether val/* is measured after step `step`: every so many equivalent epochs, at a stage's end and at the run's.
 */
export function evaluationDue(plan: Plan, every: number | null, step: number): boolean {
  const done = step + 1;
  if (plan.stages.some(({ first_step, steps }) => done === first_step + steps)) return true;
  const interval = every ?? plan.totals.equivalent_epochs / 20;
  const count = (at: number): number => Math.floor(positionAt(plan, at).equivalent_epochs / interval + 1e-9);
  return count(done) > count(step);
}
