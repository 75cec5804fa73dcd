/**
 * The run's configuration: one schema for the form, the command line, SQLite and checkpoints. Field names are timm's.
 * Defaults are the published recipe (Wang et al., TPAMI 2024, supplementary; see presets for what differs per model).
 */
import { z } from 'zod';
import { adaptiveSchema } from './adaptive-config';

const fraction = z.number().min(0).max(1);
const positiveInt = z.int().min(1);

/** One curriculum stage. `share` is a share of compute or of epochs, as the schedule's `share_of` says. */
export const stageSchema = z.strictObject({
  /** Bandwidth B in pixels: the side of the low-frequency crop. */
  bandwidth: positiveInt,
  /** RandAugment magnitude m of `rand-m{m}-mstd0.5-inc1`. */
  magnitude: z.number().min(0).max(10),
  /** Magnitude at the stage's end, reached linearly in steps; null: constant. */
  magnitude_end: z.number().min(0).max(10).nullable().default(null),
  share: z.number().gt(0).max(1),
  /** Batch of this stage; null: data.batch. */
  batch: positiveInt.nullable().default(null),
  /**
   * A batch has batch / replay_times freshly prepared images, and the others are drawn from the replay buffer; with 1
   * none are.
   */
  replay_times: positiveInt.max(32).default(1),
});

export const scheduleSchema = z.strictObject({
  /** Id of the preset this came from, or `custom`. */
  preset: z.string().default('efficienttrain++'),
  share_of: z.enum(['compute', 'epochs']).default('compute'),
  /** Compute of the run in passes over the data at the final size. */
  equivalent_epochs: z.number().gt(0).default(200),
  stages: z.array(stageSchema).min(1),
  /** An experiment: borders are decided while the run trains. Null: stages have the compute that `share` says. */
  adaptive: adaptiveSchema.nullable().default(null),
  /**
   * `crop`: exact low-frequency crop (the method). `resize`: the released code's approximation (antialiased Lanczos
   * resize), for comparison.
   */
  low_frequency_mode: z.enum(['crop', 'resize']).default('crop'),
});

/**
 * Frequencies that images keep, at the same size, for studies of what a network learns when (Wang et al., TPAMI 2024,
 * sec. 3): those within a circle about zero, or those outside.
 */
export const filterSchema = z.strictObject({
  kind: z.enum(['low_pass', 'high_pass']),
  /** Radius of the circle, in periods over the shorter side of the image. */
  radius: z.number().min(0),
});

export type FrequencyFilter = z.infer<typeof filterSchema>;

export const dataSchema = z.strictObject({
  batch: positiveInt.default(128),
  workers: z.int().min(1).max(256).default(2),
  prefetch_mb: z.number().gt(0).default(256),
  scale: z
    .tuple([z.number().gt(0).max(1), z.number().gt(0).max(1)])
    .refine(([low, high]) => low <= high, 'the first has to be at most the second')
    .default([0.08, 1]),
  ratio: z
    .tuple([z.number().gt(0), z.number().gt(0)])
    .refine(([low, high]) => low <= high, 'the first has to be at most the second')
    .default([3 / 4, 4 / 3]),
  hflip: fraction.default(0.5),
  interpolation: z.enum(['bicubic', 'bilinear']).default('bicubic'),
  color_jitter: z.number().min(0).default(0.4),
  auto_augment: z.enum(['randaug', 'none']).default('randaug'),
  randaug_num_ops: z.int().min(1).max(10).default(2),
  randaug_mstd: z.number().min(0).default(0.5),
  randaug_increasing: z.boolean().default(true),
  mean: z.tuple([z.number(), z.number(), z.number()]).default([0.485, 0.456, 0.406]),
  std: z.tuple([z.number().gt(0), z.number().gt(0), z.number().gt(0)]).default([0.229, 0.224, 0.225]),
  reprob: fraction.default(0.25),
  remode: z.enum(['pixel', 'const']).default('pixel'),
  mixup: z.number().min(0).default(0.8),
  cutmix: z.number().min(0).default(1),
  mixup_prob: fraction.default(1),
  mixup_switch_prob: fraction.default(0.5),
  label_smoothing: z.number().min(0).lt(1).default(0.1),
  crop_pct: z.number().gt(0).max(1).default(0.875),
  /** Filter of the images at the final size, in training and in evaluation, before the crop to a stage's bandwidth. */
  filter: filterSchema.nullable().default(null),
});

/**
 * Replay trains on images that were prepared before (Wang et al., TPAMI 2024); `schedule.stages.N.replay_times` says
 * how often.
 */
export const replaySchema = z.strictObject({
  /** Limit of the prepared images that are held for replay, in megabytes of 2^20 bytes of shared memory. */
  buffer_mb: z.number().gt(0).default(1024),
});

export const modelSchema = z.strictObject({
  drop_path_rate: z.number().min(0).lt(1).default(0),
  drop_rate: z.number().min(0).lt(1).default(0),
  /**
   * Input of a vision transformer's classifier: its class token, or the normalised mean over its patches (timm's
   * fc_norm); null: the class token.
   */
  global_pool: z.enum(['token', 'avg']).nullable().default(null),
  /** Standard deviation of the classifier's initial weights; null: the model's own. */
  head_init_std: z.number().gt(0).nullable().default(null),
});

export const optimizerSchema = z.strictObject({
  name: z.enum(['adamw', 'sgd', 'lamb', 'lars']).default('adamw'),
  /** Learning rate at `base_batch`: lr = base_lr * batch / base_batch. */
  base_lr: z.number().gt(0).default(4e-3),
  base_batch: positiveInt.default(4096),
  /** Upper bound of a stage's learning rate where its batch is larger than the run's (early large batch). */
  max_lr_upper_bound: z.number().gt(0).nullable().default(null),
  min_lr: z.number().min(0).default(1e-6),
  /** Where the warm-up begins; 0 in the released scripts of EfficientTrain++. */
  warmup_lr: z.number().min(0).default(0),
  /** Exactly one counts: a fraction of compute, or passes over the data at the first stage's cost. */
  warmup: z
    .discriminatedUnion('unit', [
      z.strictObject({ unit: z.literal('fraction'), value: fraction }),
      z.strictObject({ unit: z.literal('first_stage_passes'), value: z.number().min(0) }),
    ])
    .default({ unit: 'first_stage_passes', value: 20 }),
  weight_decay: z.number().min(0).default(0.05),
  betas: z.tuple([z.number().min(0).lt(1), z.number().min(0).lt(1)]).default([0.9, 0.999]),
  eps: z.number().gt(0).default(1e-8),
  momentum: z.number().min(0).lt(1).default(0.9),
  /** Nesterov's momentum of SGD; LARS has none. */
  nesterov: z.boolean().default(true),
  /** LARS's size of a step over the size of the parameter, at a learning rate of 1. */
  trust_coefficient: z.number().gt(0).default(1e-3),
  /**
   * Factor of the learning rate from each layer to the one below it (timm's groups); null: one learning rate for all.
   */
  layer_decay: z.number().gt(0).max(1).nullable().default(null),
  /** Global L2 norm; null: none. */
  clip_grad_norm: z.number().gt(0).nullable().default(null),
  /**
   * Unit of the learning rate's progress: compute, as in TPAMI 2024, or images seen, so that stages of equal passes
   * have the learning rates of ordinary training whatever their bandwidths are.
   */
  lr_progress: z.enum(['compute', 'images']).default('compute'),
  /**
   * Length of the learning rate's schedule, in equivalent epochs, or in passes where `lr_progress` is `images`; null:
   * the run's own. A longer one makes the run the first part of a longer schedule.
   */
  lr_horizon: z.number().gt(0).nullable().default(null),
  /**
   * Number of parts of a batch, whose gradients add up: the result is that of the whole batch, in the memory of a part.
   * `data.batch` stays the whole.
   */
  grad_accum_steps: positiveInt.default(1),
});

export const emaSchema = z.strictObject({
  /**
   * Decay of timm's ModelEmaV2: ema = decay * ema + (1 - decay) * value, parameters and buffers, every step. null: no
   * EMA.
   */
  decay: z.number().gt(0).lt(1).nullable().default(null),
});

export const evalSchema = z.strictObject({
  /** Equivalent epochs between evaluations; null: a twentieth of the run. */
  every: z.number().gt(0).nullable().default(null),
  batch: positiveInt.default(64),
  /**
   * Whether val/top1_stage and val/loss_stage are also measured at the current bandwidth. A new run's default is true
   * where a stage is below the final size.
   */
  at_stage_size: z.boolean().default(false),
  /**
   * The series that decides which checkpoint is the best, e.g. `val/knn_top1` of the task `mae`; null: the task's own.
   */
  best: z.string().nullable().default(null),
});

export const checkpointSchema = z.strictObject({
  every_seconds: z.number().min(0).default(300),
  keep_last: z.int().min(1).default(2),
  /**
   * Whether to save and keep a checkpoint at the end of each stage, from which other runs may branch. A new run does so
   * by default if they take little space together.
   */
  stage_ends: z.boolean().default(false),
});

/** Masked autoencoders (He et al., CVPR 2022), for the task `mae` only. */
export const maeSchema = z.strictObject({
  /** Share of the patches that the encoder does not see. */
  mask_ratio: z.number().gt(0).lt(1).default(0.75),
  /** Whether a patch's target is normalised by its own mean and variance. */
  norm_pix_loss: z.boolean().default(true),
  /** Target of a patch: its pixels, or histograms of oriented gradients (MaskFeat, Wei et al., CVPR 2022). */
  target: z.enum(['pixels', 'hog']).default('pixels'),
  /** null: the model's own. */
  decoder_embed_dim: positiveInt.nullable().default(null),
  decoder_depth: positiveInt.nullable().default(null),
  decoder_num_heads: positiveInt.nullable().default(null),
  /**
   * Positions on a stage's smaller grid: resampled from the final grid's table, or computed for that grid
   * (docs/decisions.md).
   */
  positions: z.enum(['recount', 'resample']).default('resample'),
});

/**
 * An experiment, for the task `classify` only: a frozen teacher's answers are learned beside the labels (Touvron et
 * al., ICML 2021, sec. 4). Fields that may be null are filled in when the run is created.
 */
export const distillationSchema = z.strictObject({
  /** A run, frozen as `run:ID@STEP`, or a file of weights. Its weights are kept in the run's folder. */
  teacher: z.string().min(1),
  /** `soft`: the teacher's probabilities at the temperature. `hard`: the class that it ranks first. */
  kind: z.enum(['soft', 'hard']).default('soft'),
  /** Weight of the teacher's part of the loss. A new run has 0.1 with `soft` and 0.5 with `hard` by default. */
  alpha: fraction.default(0.1),
  /** Divides both networks' logits, with `soft` only. */
  temperature: z.number().gt(0).default(3),
  /** Id of the teacher's model; null: the run's. */
  model: z.string().nullable().default(null),
  /** Side in pixels of the teacher's input; null: the run's, or the usual one of a file's model. */
  size: positiveInt.nullable().default(null),
  /** Input of the teacher's classifier, as `model_args.global_pool`; null: as in its run, or the model's own. */
  global_pool: z.enum(['token', 'avg']).nullable().default(null),
  /** Normalisation of the teacher's images; null: its run's, or its model's. */
  mean: z.tuple([z.number(), z.number(), z.number()]).nullable().default(null),
  std: z
    .tuple([z.number().gt(0), z.number().gt(0), z.number().gt(0)])
    .nullable()
    .default(null),
});

/** `auto`: a free GPU where the engine can use one, else the processor. GPUs are counted as by nvidia-smi. */
export const DEVICE_NAMES = [
  'auto',
  'cpu',
  ...Array.from({ length: 16 }, (_, index) => `gpu:${index}` as const),
] as const;

export type DeviceName = (typeof DEVICE_NAMES)[number];

export const engineSchema = z.strictObject({
  /** Device that it computes on. */
  device: z.enum(DEVICE_NAMES).default('auto'),
  /**
   * Threads of one op; null: all cores, whose number a new run freezes. A resume uses the frozen number, whatever the
   * machine has, because bits depend on it.
   */
  intra_op_threads: z.int().min(1).nullable().default(null),
  /** Ops that run at once; null: one on up to four cores, TensorFlow's own choice on more. */
  inter_op_threads: z.int().min(1).nullable().default(null),
  /**
   * Products of training steps in bfloat16, everything else and all evaluations in float32. It is faster where the
   * processor has units for it.
   */
  autocast: z.boolean().default(false),
  /** Whether XLA compiles training steps, on a GPU only. `auto`: where a preflight has measured that it is faster. */
  xla: z.enum(['off', 'on', 'auto']).default('off'),
});

export const runConfigSchema = z.strictObject({
  name: z.string().default(''),
  /** Id of the task. */
  task: z.string().default('classify'),
  /** Dataset id. */
  dataset: z.string(),
  model: z.string(),
  /** Final size in pixels. */
  size: positiveInt,
  seed: z.int().min(0).max(4294967295).default(0),
  /**
   * Origin of the initial weights: a safetensors or PyTorch file, or `run:ID@STEP`, a checkpoint of another run; null:
   * random weights.
   */
  init: z.string().nullable().default(null),
  /** Key of the weights in a PyTorch file that `init` names, as found at the run's start; null: there is none. */
  init_key: z.string().nullable().default(null),
  /**
   * `RUN@K`: the first K stages are those of another run and were trained there; this run continues from its whole
   * state at their end. It is frozen as the run's id. Null: the run trains all its stages.
   */
  branch: z.string().nullable().default(null),
  schedule: scheduleSchema,
  /** Settings of the task `mae`; null for other tasks. */
  mae: maeSchema.nullable().default(null),
  /** Settings of distillation; null: there is no teacher. */
  distillation: distillationSchema.nullable().default(null),
  data: dataSchema.prefault({}),
  replay: replaySchema.prefault({}),
  model_args: modelSchema.prefault({}),
  optimizer: optimizerSchema.prefault({}),
  ema: emaSchema.prefault({}),
  eval: evalSchema.prefault({}),
  checkpoint: checkpointSchema.prefault({}),
  engine: engineSchema.prefault({}),
});

export type StageConfig = z.infer<typeof stageSchema>;
export type ScheduleConfig = z.infer<typeof scheduleSchema>;
export type DistillationConfig = z.infer<typeof distillationSchema>;
export type RunConfig = z.infer<typeof runConfigSchema>;

/**
 * Adds the later fields to a configuration that an earlier version has frozen; their defaults describe what it did
 * then.
 */
export const withLaterFields = (frozen: RunConfig): RunConfig => runConfigSchema.parse(frozen);

/**
 * Origin of each field's value; keys are dotted paths (`optimizer.base_lr`). A field that is not listed has its
 * default.
 */
export type ConfigOrigin = Record<string, 'default' | 'preset' | 'model' | 'file' | 'flag'>;
