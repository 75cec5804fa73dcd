/**
 * What the parts of the engine agree on. Types only: see docs/architecture.md for who implements what.
 *
 * Conventions: images are NHWC, uint8 0..255 RGB from the loader; the bandwidth B is the side of the image that a
 * stage's model sees; `size` is the run's final size. Names of parameters are timm's state_dict keys everywhere;
 * layouts are TensorFlow's inside (`Layout`), timm's only at the export/import border.
 */
import type * as tfjs from '@tensorflow/tfjs';
import type { SizeRule } from '../../shared/curriculum/size-rule';

export type TF = typeof tfjs;
export type Tensor = tfjs.Tensor;
export type DType = 'float32' | 'int32' | 'uint8' | 'bool';
export type HostArray = Float32Array | Int32Array | Uint8Array;

export interface TensorInfo {
  shape: readonly number[];
  dtype: DType;
}

/** A value of a TensorFlow op's attribute. */
export type Attr =
  | { kind: 'string'; value: string | string[] }
  | { kind: 'int'; value: number | number[] }
  | { kind: 'float'; value: number | number[] }
  | { kind: 'bool'; value: boolean }
  | { kind: 'type'; value: DType | DType[] }
  | { kind: 'shape'; value: number[] };

/**
 * What a step, a layer or an optimizer may use. The same code runs traced (captured into a graph), eagerly on
 * libtensorflow, and eagerly on tfjs's own CPU backend, where only `tf` works.
 */
export interface Context {
  readonly tf: TF;
  /**
   * True where `op` works: traced, or eager on libtensorflow. False on tfjs's CPU backend: compose from `tf` ops
   * instead.
   */
  readonly raw: boolean;
  /**
   * True where `op` also knows our own fused ops (`Studio...`, backend/native/kernels): only in graphs that run on this
   * machine's processor.
   */
  readonly kernels: boolean;
  /** Any TensorFlow op by name, recorded when traced. @throws where `raw` is false */
  op(name: string, inputs: Tensor[], attrs: Record<string, Attr>, outputs?: number): Tensor[];
  /** The program's variable, by name. */
  variable(name: string): tfjs.Variable;
  /** Give a variable its value for the next step. Later reads in this step see the new value. */
  assign(name: string, value: Tensor): void;
  /**
   * Only while tracing (else undefined): an op that changes variables in place, e.g. ResourceApplyAdam with
   * resources [w, m, v]. Runs after every earlier read of these variables in this trace; `variable(name)` read
   * afterwards gives the changed value.
   */
  readonly inPlace?: (op: string, resources: string[], inputs: Tensor[], attrs: Record<string, Attr>) => void;
  /**
   * A constant of any size that belongs in the graph (resampling and crop matrices). Inside a trace any other large
   * literal is refused.
   */
  constant(values: Float32Array | Int32Array, shape: number[], dtype: 'float32' | 'int32'): Tensor;
  /**
   * Standard normal float32 of `shape`, a pure function of `seed` (int32 [2]): a stateless TensorFlow op, or tfjs's own
   * where `raw` is false.
   */
  normal(shape: number[], seed: Tensor): Tensor;
}

/** One entry of a program: fixed input shapes, and a body that is pure but for `assign` and `inPlace`. */
export interface Signature {
  inputs: Record<string, TensorInfo>;
  body: (context: Context, inputs: Record<string, Tensor>) => Record<string, Tensor>;
}

/**
 * Everything that runs on the device for one run: all stages and evaluation share one graph and one set of variables.
 */
export interface Program {
  variables: Record<string, TensorInfo>;
  signatures: Record<string, Signature>;
}

/** Values of variables: a record, or one after the other, so that not all have to be there at once. */
export type StateValues =
  Readonly<Record<string, Float32Array | Int32Array>> | Iterable<readonly [string, Float32Array | Int32Array]>;

export interface RunTimes {
  /** How long it ran. */
  milliseconds: number;
  /** How long nothing had run before it. */
  idleBefore: number;
}

export interface FinishedRun extends RunTimes {
  outputs: Record<string, Float32Array | Int32Array>;
}

/** A run that was handed over. */
export interface PendingRun {
  /** Blocks until the run has ended; call it once. @throws what went wrong in the run */
  wait(): FinishedRun;
}

/**
 * A program made runnable: a `CapturedExecutor` (one session), or an `EagerExecutor` (op by op, for tests and where
 * libtensorflow is missing). Values cross as typed arrays; no tensor leaves. Runs, writes and reads happen in the order
 * in which they were asked for.
 */
export interface Executor {
  readonly kind: 'captured' | 'eager';
  /** Set variables; the arrays may be reused afterwards. @throws if a name is unknown or a length differs */
  write(values: StateValues): void;
  /** Copies of the variables named (default: all). */
  read(names?: readonly string[]): Record<string, Float32Array | Int32Array>;
  /**
   * Hands a run over and returns while it runs. Arrays of uint8 may be read until `wait` has returned, so their memory
   * must not change before; all others are copied. A captured executor runs in a thread of its own, an eager one before
   * `start` returns. @throws if an input is missing, unknown, or its length does not fit the declared shape
   */
  start(signature: string, inputs: Record<string, HostArray>): PendingRun;
  /** `start`, then `wait`; the outputs. */
  run(signature: string, inputs: Record<string, HostArray>): Record<string, Float32Array | Int32Array>;
  /** Gets a signature ready beside what runs, so that its first run takes less; returns at once. */
  prepare(signature: string): void;
  dispose(): void;
}

// --- models ---

/** How a parameter is laid out here, and so how it maps to timm's: see weights/layout.ts. */
export type Layout =
  | 'same' // vectors, pos_embed, cls_token
  | 'linear' // here [in, out], timm [out, in]
  | 'conv' // here [kh, kw, in, out], timm [out, in, kh, kw]
  | 'patch' // conv whose kernel equals its stride, as a matrix: here [kh * kw * in, out], timm [out, in, kh, kw]
  | 'depthwise'; // here [kh, kw, c, multiplier], timm [c * multiplier, 1, kh, kw]

export interface ParamSpec {
  /** timm's state_dict key. */
  name: string;
  /** Shape in the layout used here. */
  shape: readonly number[];
  /** Shape in timm's state_dict. */
  timmShape: readonly number[];
  layout: Layout;
  /** False for buffers (batch norm's running statistics). */
  trainable: boolean;
  /** Whether weight decay applies (timm: not on 1-D tensors, biases, and the model's no_weight_decay() set). */
  decay: boolean;
  /** Initial value in the layout used here; a pure function of (seed, name). */
  init: (seed: number) => Float32Array;
  /**
   * Of a table that is stored for the run's final size: the values of one for another size, resampled for this one.
   * null where no table of this kind has such a shape. Both in timm's layout.
   */
  resampled?: (values: Float32Array, shape: readonly number[]) => Float32Array | null;
}

export interface ModelOptions {
  /** 0: no classifier, `head` and `forward` give the features (timm's num_classes=0). */
  num_classes: number;
  /** The run's final size; position embeddings are stored for this grid. */
  img_size: number;
  /** Stochastic depth rate of the last block; linear over depth. */
  drop_path_rate: number;
  /** Dropout before the classifier. */
  drop_rate: number;
  /**
   * What a vision transformer classifies: its class token (default), or the mean over its patches, normalised (timm's
   * fc_norm).
   */
  global_pool?: 'token' | 'avg';
  /** Whether the classifier is a linear probe's: batch norm without parameters, then a linear layer. Default false. */
  probe?: boolean;
  /** Batch norm epsilon; only tests change it. */
  bn_eps?: number;
  /** Of masked autoencoders only. */
  mae?: Partial<MaeModelOptions>;
}

/** What shapes a masked autoencoder beside its encoder (He et al., CVPR 2022). */
export interface MaeModelOptions {
  decoder_embed_dim: number;
  decoder_depth: number;
  decoder_num_heads: number;
  /** Numbers predicted for a patch. Default: its pixels, patch * patch * 3. */
  target_dim: number;
  /**
   * Positions on a grid other than that of `img_size`: counted anew for it (default), or resampled from the stored
   * table.
   */
  positions: 'recount' | 'resample';
  /** Share of the patches that the encoder does not see; here it decides the cost only. Default 0.75. */
  mask_ratio: number;
}

export interface PassOptions {
  training: boolean;
  /** Which values of the parameters to use (EMA evaluation reads others). Default: context.variable(name). */
  param?: (name: string) => Tensor;
}

export interface HeadOptions extends PassOptions {
  /** float32 [N, numFeatures]: 0, or 1 / keep probability. Training only, when drop_rate > 0. */
  dropout?: Tensor;
}

export interface EncodeOptions extends PassOptions {
  /** float32 [N, dropPaths.length]: 0, or 1 / keep probability, for each sample and droppable branch. Training only. */
  keep?: Tensor;
  /** Names out of `Model.intermediates` to return beside the features. Default none, which may cost less. */
  intermediates?: readonly string[];
}

export interface Encoded {
  /** float32 [N, numFeatures]: what the head takes. */
  features: Tensor;
  /**
   * Those that were asked for. Maps are [N, H, W, C], tokens [N, 1 + L, C] with the class token first, features [N, C].
   */
  intermediates: Readonly<Record<string, Tensor>>;
}

export interface Model {
  readonly id: string;
  readonly options: ModelOptions;
  readonly params: readonly ParamSpec[];
  readonly numFeatures: number;
  /** Probability of dropping each branch, in the order of `keep`'s columns. */
  readonly dropPaths: readonly number[];
  /**
   * Names of the parameters or modules of each layer, from the stem to the last block, as timm's `group_matcher` has
   * them. All that is not in it is the head. Layer decay counts in these.
   */
  readonly layers: readonly (readonly string[])[];
  /**
   * Names that `encode` can return. Hierarchical networks: the map behind each stage, e.g. `layer1`. Vision
   * transformers: `blocks.0` and so on (tokens behind that block), `tokens` (behind the final norm), `cls` and `mean`
   * (of those tokens).
   */
  readonly intermediates: readonly string[];
  /**
   * Multiply-adds of a forward pass of one image of this size: with its classes, or of a masked autoencoder's
   * pre-training.
   */
  macs(size: number): number;
  /**
   * x float32 [N, B, B, 3], normalised -> features, before the head's dropout. In training, batch norm assigns its
   * running statistics. @throws if an intermediate is unknown
   */
  encode(context: Context, x: Tensor, options: EncodeOptions): Encoded;
  /**
   * Features float32 [N, numFeatures] -> logits float32 [N, num_classes]; the features themselves where num_classes is
   * 0.
   */
  head(context: Context, features: Tensor, options: HeadOptions): Tensor;
  /** `head` of `encode`. */
  forward(context: Context, x: Tensor, options: EncodeOptions & HeadOptions): Tensor;
}

/** Which patches are visible, for each image of a batch; see tasks/mae/masking.ts. */
export interface MaskOrder {
  /** int32 [N, K]: index of each visible patch, rows first, among all L of the image. */
  idsKeep: Tensor;
  /** int32 [N, L]: place of each patch in the shuffled order, whose first K are visible. */
  idsRestore: Tensor;
}

/** A masked autoencoder's sizes: sides in pixels, widths and depths of its encoder and decoder. */
export interface MaeShape extends Pick<
  MaeModelOptions,
  'decoder_embed_dim' | 'decoder_depth' | 'decoder_num_heads' | 'mask_ratio'
> {
  patch_size: number;
  img_size: number;
  embed_dim: number;
  depth: number;
  num_heads: number;
  mlp_ratio: number;
}

/**
 * A model that is trained to predict what it does not see; `encode` and `forward` give the features of whole images.
 */
export interface MaskedAutoencoder extends Model {
  /** Side of a patch in pixels. */
  readonly patch: number;
  /** Numbers predicted for a patch. */
  readonly targetDim: number;
  /** What its authors' code is built with, by its names. */
  readonly shape: MaeShape;
  /** x float32 [N, B, B, 3], normalised -> latent float32 [N, 1 + K, D], behind the norm, the class token first. */
  encodeVisible(context: Context, x: Tensor, idsKeep: Tensor, options: PassOptions): Tensor;
  /** latent float32 [N, 1 + K, D] -> prediction float32 [N, L, targetDim] for every patch, visible ones included. */
  decode(context: Context, latent: Tensor, order: MaskOrder, options: PassOptions): Tensor;
}

/** A variant as data: what `createModel(id, options)` and the list of models know without building anything. */
export interface ModelEntry {
  id: string;
  family: string;
  /** Id of the task that trains it. */
  task: string;
  /** Default input size. */
  size: number;
  /** Which sizes it takes. */
  sizes: SizeRule;
  /** timm's name of the same architecture; null where timm has none, as for our micro variants. */
  timm: string | null;
  /**
   * How real timm builds the same network: `timm.create_model(timmArgs.name, **timmArgs.kwargs)`; null where it can't.
   */
  timmArgs: { name: string; kwargs: Record<string, unknown> } | null;
  /** What timm is told besides, where it builds the network for one size; none where it takes images of any size. */
  timmArgsAt?: (size: number) => Record<string, unknown>;
  mean: readonly [number, number, number];
  std: readonly [number, number, number];
  cropPct: number;
  interpolation: 'bicubic' | 'bilinear';
  /**
   * The papers' preset for this model, and the recipe's fields that are this model's own, by dotted path;
   * drop_path_rate is the one at 200 equivalent epochs.
   */
  preset: string;
  recipe: Record<string, unknown>;
  /**
   * The model's numbers where a field of the configuration is null, by the field's dotted path; absent: it has none.
   */
  own?: Readonly<Record<string, number>>;
  create(options: ModelOptions): Model;
  /** Trainable parameters for a number of classes. */
  parameters(numClasses: number): number;
  /**
   * Multiply-adds of a forward pass of one image at this size (timm's "GMACs"), times 2 = FLOPs.
   * `numClasses` is 1000 by default, as in published tables.
   */
  macs(size: number, numClasses?: number): number;
}

// --- data ---

/** Index of a dataset's split, as flat arrays in shared memory so that workers read it without a copy. */
export interface SampleTable {
  count: number;
  /** UTF-8 paths relative to `root`, concatenated; sample i is bytes pathOffsets[i] .. pathOffsets[i + 1]. */
  root: string;
  paths: Uint8Array;
  pathOffsets: Uint32Array;
  labels: Int32Array;
  /** Of each file, modulo 2^32: one that has another length when it is read is not what was imported. */
  bytes: Uint32Array;
  /** Stored (not oriented) width and height in pixels. */
  widths: Uint32Array;
  heights: Uint32Array;
  /** EXIF orientation 1..8. */
  orientations: Uint8Array;
  /** 1 where the file is a plain JPEG (3 or 1 components, orientation 1) that can take the fast path. */
  fast: Uint8Array;
}

/** What the loader needs of a run; all that decides a pixel is here, so two equal plans give equal batches. */
export interface LoaderPlan {
  samples: SampleTable;
  seed: number;
  /**
   * Side of the images that the loader makes (the run's final size; the low-frequency crop comes later, on the device).
   */
  size: number;
  stages: readonly LoaderStage[];
  augment: AugmentOptions;
  workers: number;
  /** Bound on prefetched batches, in bytes of shared memory; at least three batches are always kept. */
  prefetchBytes: number;
  /** Images that the replay buffer holds at most; 0 where no stage replays. */
  replayImages: number;
}

export interface LoaderStage {
  /** Global index of the stage's first step, and its number of steps. */
  firstStep: number;
  steps: number;
  batch: number;
  /** A batch has batch / replayTimes fresh images; 1: the stage replays none. */
  replayTimes: number;
  bandwidth: number;
  /** RandAugment magnitude 0..10 at the stage's start and end, linear in steps. */
  magnitude: number;
  magnitudeEnd: number;
}

/** timm's create_transform and Mixup, same names and meaning. */
export interface AugmentOptions {
  scale: readonly [number, number];
  ratio: readonly [number, number];
  hflip: number;
  interpolation: 'bicubic' | 'bilinear';
  /** timm switches colour jitter off where auto_augment is on. */
  color_jitter: number;
  auto_augment: 'randaug' | 'none';
  randaug: { num_ops: number; mstd: number; increasing: boolean };
  mean: readonly [number, number, number];
  std: readonly [number, number, number];
  /** Random erasing. */
  reprob: number;
  remode: 'pixel' | 'const';
  mixup: number;
  cutmix: number;
  mixup_prob: number;
  mixup_switch_prob: number;
}

export interface TrainBatch {
  step: number;
  /** uint8 [N, size, size, 3]: a view of shared memory, valid until `release`. */
  images: Uint8Array;
  /** [N] */
  labels: Int32Array;
  /** [N, 4] top, left, height, width in pixels of the B x B image; zeros where nothing is erased. */
  erase: Int32Array;
  /** Milliseconds that `next` had to wait. */
  waitMs: number;
}

/** A batch as the loader gives it. */
export interface LoadedBatch extends TrainBatch {
  /** Images that were made of files for it; the others came out of the replay buffer. */
  decoded: number;
}

export interface TrainLoader {
  /** Blocks until the batch of the next step is ready. @throws AppError if a worker died */
  next(): LoadedBatch;
  release(batch: TrainBatch): void;
  /**
   * Files that could not be read when their turn came (another sample of the same class, chosen by the sample's own
   * stream, took the place), since the last call.
   */
  problems(): { path: string; reason: string }[];
  close(): Promise<void>;
}

/** mixup / cutmix of one step (timm Mixup, mode 'batch': image i is mixed with image N-1-i). */
export interface MixParams {
  kind: 'none' | 'mixup' | 'cutmix';
  /** Share of the image itself, corrected for the clipped box of cutmix. */
  lam: number;
  /** float32 [B, B]: weight of the image itself for every pixel (lam everywhere, or 1 outside and 0 inside the box). */
  mask: Float32Array;
}
