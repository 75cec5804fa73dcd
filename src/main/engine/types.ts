/**
 * Types that the parts of the engine share; see docs/architecture.md for who implements what.
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
 * Operations that a step, a layer or an optimizer may use. The same code runs traced (captured into a graph), eagerly
 * on libtensorflow, and eagerly on tfjs's own CPU backend, where only `tf` works.
 */
export interface Context {
  readonly tf: TF;
  /**
   * True where `op` works: traced, or eager on libtensorflow. On tfjs's CPU backend it is false, and layers compose
   * from `tf` ops instead.
   */
  readonly raw: boolean;
  /**
   * True where `op` also knows our own fused ops (`Studio...`, backend/native/kernels): only in graphs that run on this
   * machine's processor.
   */
  readonly kernels: boolean;
  /** Calls any TensorFlow op by name, recorded when traced. @throws where `raw` is false */
  op(name: string, inputs: Tensor[], attrs: Record<string, Attr>, outputs?: number): Tensor[];
  /** Returns the program's variable of a name. */
  variable(name: string): tfjs.Variable;
  /** Gives a variable its value for the next step. Later reads in this step see the new value. */
  assign(name: string, value: Tensor): void;
  /**
   * Calls an op that changes variables in place, e.g. ResourceApplyAdam with resources [w, m, v]. It exists only while
   * tracing. It runs after every earlier read of these variables in this trace; `variable(name)` read afterwards gives
   * the changed value.
   */
  readonly inPlace?: (op: string, resources: string[], inputs: Tensor[], attrs: Record<string, Attr>) => void;
  /**
   * Makes a constant of any size that belongs in the graph (resampling and crop matrices). Inside a trace any other
   * large literal is refused.
   */
  constant(values: Float32Array | Int32Array, shape: number[], dtype: 'float32' | 'int32'): Tensor;
  /**
   * Draws standard normal float32 of `shape`, a pure function of `seed` (int32 [2]), by a stateless TensorFlow op, or
   * by tfjs's own where `raw` is false.
   */
  normal(shape: number[], seed: Tensor): Tensor;
}

/** One entry of a program: fixed input shapes, and a body whose only effects are `assign` and `inPlace`. */
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

/** Values of variables: a record, or one after the other, so that not all have to be in memory at once. */
export type StateValues =
  Readonly<Record<string, Float32Array | Int32Array>> | Iterable<readonly [string, Float32Array | Int32Array]>;

export interface RunTimes {
  /** Milliseconds that the run took. */
  milliseconds: number;
  /** Milliseconds without any run before it. */
  idleBefore: number;
}

export interface FinishedRun extends RunTimes {
  outputs: Record<string, Float32Array | Int32Array>;
}

/** A run that was started. */
export interface PendingRun {
  /** Blocks until the run has ended; call it once. @throws the run's error */
  wait(): FinishedRun;
}

/**
 * A program made runnable: a `CapturedExecutor` (one session), or an `EagerExecutor` (op by op, for tests and where
 * libtensorflow is missing). Values cross as typed arrays; no tensor leaves. Runs, writes and reads happen in the order
 * of the calls.
 */
export interface Executor {
  readonly kind: 'captured' | 'eager';
  /** Sets variables; the arrays may be reused afterwards. @throws if a name is unknown or a length differs */
  write(values: StateValues): void;
  /** Returns copies of the named variables (default: all). */
  read(names?: readonly string[]): Record<string, Float32Array | Int32Array>;
  /**
   * Starts a run and returns while it runs. Arrays of uint8 may be read until `wait` has returned, so their memory must
   * not change before; all others are copied. A captured executor runs in a thread of its own, an eager one before
   * `start` returns. @throws if an input is missing, unknown, or its length does not fit the declared shape
   */
  start(signature: string, inputs: Record<string, HostArray>): PendingRun;
  /** Calls `start`, then `wait`, and returns the outputs. */
  run(signature: string, inputs: Record<string, HostArray>): Record<string, Float32Array | Int32Array>;
  /** Prepares a signature while others run, so that its first run takes less time; returns at once. */
  prepare(signature: string): void;
  dispose(): void;
}

// --- models ---

/** Layout of a parameter here, and so its mapping to timm's; see weights/layout.ts. */
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
   * Resamples the values of a table for another size, where the table is stored for the run's final size. Returns null
   * where no table of this kind has such a shape. Both are in timm's layout.
   */
  resampled?: (values: Float32Array, shape: readonly number[]) => Float32Array | null;
}

export interface ModelOptions {
  /**
   * Number of classes. With 0 there is no classifier, and `head` and `forward` return the features (timm's
   * num_classes=0).
   */
  num_classes: number;
  /** The run's final size; position embeddings are stored for this grid. */
  img_size: number;
  /** Stochastic depth rate of the last block; linear over depth. */
  drop_path_rate: number;
  /** Dropout before the classifier. */
  drop_rate: number;
  /**
   * Input of a vision transformer's classifier: its class token (default), or the normalised mean over its patches
   * (timm's fc_norm).
   */
  global_pool?: 'token' | 'avg';
  /** Whether the classifier is a linear probe's: batch norm without parameters, then a linear layer. Default false. */
  probe?: boolean;
  /** Batch norm epsilon; only tests change it. */
  bn_eps?: number;
  /** Options of masked autoencoders. */
  mae?: Partial<MaeModelOptions>;
}

/** Options of a masked autoencoder beside its encoder (He et al., CVPR 2022). */
export interface MaeModelOptions {
  decoder_embed_dim: number;
  decoder_depth: number;
  decoder_num_heads: number;
  /** Length of a patch's prediction. Default: its pixels, patch * patch * 3. */
  target_dim: number;
  /**
   * Positions on a grid other than that of `img_size`: computed anew for it (default), or resampled from the stored
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
  /** float32 [N, dropoutWidth]: 0, or 1 / keep probability. Training only, when drop_rate > 0. */
  dropout?: Tensor;
}

export interface EncodeOptions extends PassOptions {
  /** float32 [N, dropPaths.length]: 0, or 1 / keep probability, for each sample and droppable branch. Training only. */
  keep?: Tensor;
  /** Names out of `Model.intermediates` to return beside the features. Default none, which may cost less. */
  intermediates?: readonly string[];
}

export interface Encoded {
  /** float32 [N, numFeatures], the head's input. */
  features: Tensor;
  /**
   * The intermediates that were asked for. Maps are [N, H, W, C], tokens [N, 1 + L, C] with the class token first,
   * features [N, C].
   */
  intermediates: Readonly<Record<string, Tensor>>;
}

export interface Model {
  readonly id: string;
  readonly options: ModelOptions;
  readonly params: readonly ParamSpec[];
  readonly numFeatures: number;
  /** Number of values before the last layer, to which the head's dropout applies. */
  readonly dropoutWidth: number;
  /** Probability of dropping each branch, in the order of `keep`'s columns. */
  readonly dropPaths: readonly number[];
  /**
   * Names of the parameters or modules of each layer, from the stem to the last block, as in timm's `group_matcher`.
   * All others belong to the head. Layer decay counts these layers.
   */
  readonly layers: readonly (readonly string[])[];
  /**
   * Names that `encode` can return. Hierarchical networks: the map after each stage, e.g. `layer1`. Vision
   * transformers: `blocks.0` and so on (tokens after that block), `tokens` (after the final norm), `cls` and `mean` (of
   * those tokens).
   */
  readonly intermediates: readonly string[];
  /**
   * Returns the multiply-adds of a forward pass of one image of this size: with its classes, or of a masked
   * autoencoder's pre-training.
   */
  macs(size: number): number;
  /**
   * Encodes x float32 [N, B, B, 3], normalised -> features, before the head's dropout. In training, batch norm assigns
   * its running statistics. @throws if an intermediate is unknown
   */
  encode(context: Context, x: Tensor, options: EncodeOptions): Encoded;
  /**
   * Classifies features float32 [N, numFeatures] -> logits float32 [N, num_classes]; returns the features themselves
   * where num_classes is 0.
   */
  head(context: Context, features: Tensor, options: HeadOptions): Tensor;
  /** Applies `encode`, then `head`. */
  forward(context: Context, x: Tensor, options: EncodeOptions & HeadOptions): Tensor;
}

/** Says which patches are visible, for each image of a batch; see tasks/mae/masking.ts. */
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

/** A model that is trained to predict hidden patches; `encode` and `forward` return the features of whole images. */
export interface MaskedAutoencoder extends Model {
  /** Side of a patch in pixels. */
  readonly patch: number;
  /** Length of a patch's prediction. */
  readonly targetDim: number;
  /** Arguments of its authors' code, by its names. */
  readonly shape: MaeShape;
  /**
   * Encodes visible patches: x float32 [N, B, B, 3], normalised -> latent float32 [N, 1 + K, D], after the norm, the
   * class token first.
   */
  encodeVisible(context: Context, x: Tensor, idsKeep: Tensor, options: PassOptions): Tensor;
  /**
   * Decodes latent float32 [N, 1 + K, D] -> prediction float32 [N, L, targetDim] for every patch, visible ones
   * included.
   */
  decode(context: Context, latent: Tensor, order: MaskOrder, options: PassOptions): Tensor;
}

/** A variant as data, known to `createModel(id, options)` and the list of models without building anything. */
export interface ModelEntry {
  id: string;
  family: string;
  /** Id of the task that trains it. */
  task: string;
  /** Default input size. */
  size: number;
  /** Rule for the sizes that it takes. */
  sizes: SizeRule;
  /** timm's name of the same architecture; null where timm has none, as for our micro variants. */
  timm: string | null;
  /**
   * Arguments with which timm builds the same network: `timm.create_model(timmArgs.name, **timmArgs.kwargs)`; null
   * where it can't.
   */
  timmArgs: { name: string; kwargs: Record<string, unknown> } | null;
  /** Further arguments of timm where it builds the network for one size; none where it takes images of any size. */
  timmArgsAt?: (size: number) => Record<string, unknown>;
  mean: readonly [number, number, number];
  std: readonly [number, number, number];
  cropPct: number;
  interpolation: 'bicubic' | 'bilinear';
  /**
   * The papers' preset for this model, and its own fields of the recipe, by dotted path; drop_path_rate is the one at
   * 200 equivalent epochs.
   */
  preset: string;
  recipe: Record<string, unknown>;
  /** The model's numbers where a field of the configuration is null, by the field's dotted path. */
  own?: Readonly<Record<string, number>>;
  create(options: ModelOptions): Model;
  /** Returns the number of trainable parameters for a number of classes. */
  parameters(numClasses: number): number;
  /**
   * Returns the multiply-adds of a forward pass of one image at this size (timm's "GMACs"); times 2 they are FLOPs.
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
  /** Length of each file in bytes, modulo 2^32. A file with another length when it is read is not the imported one. */
  bytes: Uint32Array;
  /** Stored (not oriented) width and height in pixels. */
  widths: Uint32Array;
  heights: Uint32Array;
  /** EXIF orientation 1..8. */
  orientations: Uint8Array;
  /** 1 where the file is a plain JPEG (3 or 1 components, orientation 1) that can take the fast path. */
  fast: Uint8Array;
}

/** The loader's view of a run. It holds everything that decides a pixel, so two equal plans give equal batches. */
export interface LoaderPlan {
  samples: SampleTable;
  seed: number;
  /**
   * Side in px of the images that the loader makes (the run's final size; the low-frequency crop comes later, on the
   * device).
   */
  size: number;
  stages: readonly LoaderStage[];
  augment: AugmentOptions;
  workers: number;
  /** Bound on prefetched batches, in bytes of shared memory; at least three batches are always kept. */
  prefetchBytes: number;
  /** Number of images that the replay buffer holds at most; 0 where no stage replays. */
  replayImages: number;
}

export interface LoaderStage {
  /** Global index of the stage's first step, and its number of steps. */
  firstStep: number;
  steps: number;
  batch: number;
  /** A batch has batch / replayTimes fresh images; with 1 the stage replays none. */
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
  /** Probability of random erasing. */
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

/** A batch as the loader returns it. */
export interface LoadedBatch extends TrainBatch {
  /** Number of images decoded from files for it; the others came from the replay buffer. */
  decoded: number;
}

export interface TrainLoader {
  /** Blocks until the batch of the next step is ready. @throws AppError if a worker died */
  next(): LoadedBatch;
  release(batch: TrainBatch): void;
  /**
   * Returns the files that could not be read since the last call. Another sample of the same class, chosen by the
   * sample's own stream, took the place of each.
   */
  problems(): { path: string; reason: string }[];
  close(): Promise<void>;
}

/** Mixup or cutmix of one step (timm Mixup, mode 'batch': image i is mixed with image N-1-i). */
export interface MixParams {
  kind: 'none' | 'mixup' | 'cutmix';
  /** Share of the image itself, corrected for the clipped box of cutmix. */
  lam: number;
  /** float32 [B, B]: weight of the image itself for every pixel (lam everywhere, or 1 outside and 0 inside the box). */
  mask: Float32Array;
}
