/**
 * The training program of every task: the task's forward and backward pass, then accumulation over the parts of a
 * batch, clipping, the optimizer and the EMA. It has one signature for each (bandwidth, batch) of the curriculum, over
 * one set of variables.
 */
import { clipGradNorm } from '../optim/clip-grad';
import { emaName, emaVariables, updateEma } from '../optim/ema';
import { addToSums, meanOfParts, sumVariables } from '../optim/gradient-sums';
import { slotVariables, type Optimizer } from '../optim/optimizer';
import { sizeOf } from '../size-of';
import type { Context, HostArray, ParamSpec, Signature, Tensor, TensorInfo, TrainBatch } from '../types';
import { inputsOfPart } from './parts';
import { accumulateSignature, trainSignature } from './signature-names';
import { infoOf, makeInputs, type StepInputs } from './step-input';

/** Position of a step. With the batch, it is all that the step's inputs depend on. */
export interface StepAt {
  seed: number;
  /** Index of the step, from 0. */
  step: number;
  bandwidth: number;
  lr: number;
}

/** Tensors of a forward and backward pass. `outputs` are scalars. */
export interface PassResult {
  gradients: Map<string, Tensor>;
  outputs: Record<string, Tensor> & { loss: Tensor };
}

/** The task's own part of a training step. `D` is what it draws for a step. */
export interface Pass<D> {
  inputs: (bandwidth: number, batch: number) => StepInputs<D>;
  /** Draws a step, as a pure function of the batch and the step's position. */
  draw: (batch: TrainBatch, at: StepAt) => D;
  run: (context: Context, bandwidth: number, inputs: Record<string, Tensor>) => PassResult;
  /** Variables that the pass reads and nothing changes; their values are not part of the run's state. */
  fixed?: Readonly<Record<string, TensorInfo>>;
  /** How an output adds up over the parts of a batch. */
  outputs: Record<string, 'mean' | 'sum'> & { loss: 'mean' };
  /** Returns the values to record for a step, by series, from its outputs. */
  values: (outputs: Readonly<Record<string, number>>, draw: D) => Record<string, number>;
}

export interface TrainingOptions {
  params: readonly ParamSpec[];
  optimizer: Optimizer;
  /** The optimizer's betas, for its corrections of the moments. */
  betas: readonly [number, number];
  clipGradNorm: number | null;
  /** Decay of the EMA; null: no EMA. */
  emaDecay: number | null;
  /** Number of parts of a batch whose gradients add up before the optimizer's step. */
  gradAccumSteps: number;
  /** Distinct (bandwidth, batch) pairs; `batch` is the number of images on the device at once. */
  sizes: readonly { bandwidth: number; batch: number }[];
}

export interface StepCall {
  signature: string;
  inputs: Record<string, HostArray>;
}

export interface StepResult {
  /** Mean loss over the batch. */
  loss: number;
  /** Global L2 norm before clipping. */
  gradNorm: number;
  /** Values that the task records of the step, by series. */
  values: Record<string, number>;
}

/** A step ready to run: its calls in order, and a function that reads their results. */
export interface PreparedStep {
  calls: StepCall[];
  result: (outputs: readonly Readonly<Record<string, HostArray>>[]) => StepResult;
}

export interface TrainingProgram {
  signatures: () => Record<string, Signature>;
  /** Returns the signatures that a step of a batch of `count` images runs, in order. */
  signaturesOf: (bandwidth: number, count: number) => string[];
  prepare: (batch: TrainBatch, at: StepAt) => PreparedStep;
  /** Returns the variables in a checkpoint: parameters, optimizer slots, EMA. */
  stateVariables: () => Record<string, TensorInfo>;
  /**
   * Returns the variables that no checkpoint has: those that hold values only within a step, and those that nothing
   * changes.
   */
  scratchVariables: () => Record<string, TensorInfo>;
  /**
   * Yields every state variable's initial value: parameters from the seed (or `values`), slots zero, EMA the
   * parameter's. It yields one after the other, because the whole state is several times the parameters and would be in
   * memory twice beside the variables. Arrays may be shared, so whoever changes one copies it.
   */
  initialState: (seed: number, values?: Record<string, Float32Array>) => Generator<[string, Float32Array]>;
  /**
   * Yields the initial values of the scratch variables. All are zeros; variables that nothing changes have to be
   * written afterwards.
   */
  scratchState: () => Generator<[string, Float32Array]>;
}

const scalar: TensorInfo = { shape: [], dtype: 'float32' };

interface UpdateDraw {
  step: number;
  lr: number;
  betas: readonly [number, number];
  emaDecay: number;
}

const updateScalar = (make: (draw: UpdateDraw) => number) => ({
  ...scalar,
  byImage: false,
  make: (draw: UpdateDraw) => Float32Array.of(make(draw)),
});

/** Inputs that only the optimizer and the EMA need, after the last part. */
const UPDATE_INPUTS = {
  lr: updateScalar(({ lr }) => lr),
  correction1: updateScalar(({ betas, step }) => 1 - betas[0] ** (step + 1)),
  correction2: updateScalar(({ betas, step }) => 1 - betas[1] ** (step + 1)),
  ema_decay: updateScalar(({ emaDecay }) => emaDecay),
} satisfies StepInputs<UpdateDraw>;

type UpdateTensors = Record<keyof typeof UPDATE_INPUTS, Tensor>;

const trainable = (params: readonly ParamSpec[]): ParamSpec[] => params.filter((param) => param.trainable);

/** Returns loss and gradients of the trainable parameters. `loss` runs once. */
export function gradientsOf(
  context: Context,
  params: readonly ParamSpec[],
  loss: () => Tensor,
): { loss: Tensor; gradients: Map<string, Tensor> } {
  const trained = trainable(params);
  const variables = trained.map(({ name }) => context.variable(name));
  const { value, grads } = context.tf.variableGrads(loss as never, variables as never);
  return {
    loss: value,
    gradients: new Map(trained.map(({ name }, index) => [name, grads[variables[index]?.name ?? name] as Tensor])),
  };
}

function trainSignatureOf<D>(pass: Pass<D>, options: TrainingOptions, bandwidth: number, batch: number): Signature {
  const { params, optimizer, gradAccumSteps, emaDecay } = options;
  const trained = trainable(params);
  return {
    inputs: { ...infoOf(pass.inputs(bandwidth, batch)), ...infoOf(UPDATE_INPUTS) },
    body: (context, inputs) => {
      const step = inputs as UpdateTensors;
      const { gradients, outputs } = pass.run(context, bandwidth, inputs);
      const whole = gradAccumSteps > 1 ? meanOfParts(context, trained, gradients, gradAccumSteps) : gradients;
      const { norm, factor } = clipGradNorm(context, whole, options.clipGradNorm);
      const update = { gradients: whole, factor, emaDecay: emaDecay === null ? null : step.ema_decay };
      const averaged = optimizer.update(context, trained, update, step);
      const others = params.filter(({ name }) => !averaged.has(name));
      if (emaDecay !== null) updateEma(context, others, step.ema_decay);
      return { ...outputs, grad_norm: norm };
    },
  };
}

function accumulateSignatureOf<D>(
  pass: Pass<D>,
  { params }: TrainingOptions,
  bandwidth: number,
  batch: number,
): Signature {
  return {
    inputs: { ...infoOf(pass.inputs(bandwidth, batch)), keep_sum: scalar },
    body: (context, { keep_sum: keep, ...inputs }) => {
      const { gradients, outputs } = pass.run(context, bandwidth, inputs);
      addToSums(context, trainable(params), gradients, keep as Tensor);
      return outputs;
    },
  };
}

/**
 * Makes the training program of a task. @throws if two entries of `sizes` are the same, once the signatures are made
 */
export function trainingProgram<D>(pass: Pass<D>, options: TrainingOptions): TrainingProgram {
  const { params, optimizer, gradAccumSteps: parts, emaDecay, sizes } = options;
  const signaturesOf = (bandwidth: number, count: number): string[] => {
    const rows = count / parts;
    return [...Array<string>(parts - 1).fill(accumulateSignature(bandwidth, rows)), trainSignature(bandwidth, rows)];
  };

  function signatures(): Record<string, Signature> {
    const made: Record<string, Signature> = {};
    for (const { bandwidth, batch } of sizes) {
      const name = trainSignature(bandwidth, batch);
      if (made[name]) throw new Error(`signature ${name} twice`);
      if (parts > 1)
        made[accumulateSignature(bandwidth, batch)] = accumulateSignatureOf(pass, options, bandwidth, batch);
      made[name] = trainSignatureOf(pass, options, bandwidth, batch);
    }
    return made;
  }

  function prepare(batch: TrainBatch, at: StepAt): PreparedStep {
    const count = batch.labels.length;
    const declared = pass.inputs(at.bandwidth, count);
    const draw = pass.draw(batch, at);
    const whole = makeInputs(declared, draw);
    const update = makeInputs(UPDATE_INPUTS, { ...at, betas: options.betas, emaDecay: emaDecay ?? 0 });
    const calls = signaturesOf(at.bandwidth, count).map((signature, part): StepCall => {
      const own = parts > 1 ? inputsOfPart(declared, whole, { count, parts, part }) : whole;
      const more = part === parts - 1 ? update : { keep_sum: Float32Array.of(part ? 1 : 0) };
      return { signature, inputs: { ...own, ...more } };
    });
    return { calls, result: (outputs) => resultOf(pass, draw, outputs) };
  }

  function stateVariables(): Record<string, TensorInfo> {
    const own = params.map(({ name, shape }): [string, TensorInfo] => [name, { shape, dtype: 'float32' }]);
    return {
      ...Object.fromEntries(own),
      ...slotVariables(optimizer, trainable(params)),
      ...(emaDecay === null ? {} : emaVariables(params)),
    };
  }

  const scratchVariables = (): Record<string, TensorInfo> => ({
    ...(parts > 1 ? sumVariables(trainable(params)) : {}),
    // A program that only evaluates does not use them.
    ...(sizes.length ? pass.fixed : {}),
  });

  function* initialState(seed: number, values: Record<string, Float32Array> = {}): Generator<[string, Float32Array]> {
    for (const { name, trainable: trains, init } of params) {
      const value = values[name] ?? init(seed);
      yield [name, value];
      if (emaDecay !== null) yield [emaName(name), value];
      if (!trains) continue;
      const zeros = new Float32Array(value.length);
      for (const slot of optimizer.slots) yield [`${name}/${slot}`, zeros];
    }
  }

  function* scratchState(): Generator<[string, Float32Array]> {
    for (const [name, { shape }] of Object.entries(scratchVariables())) yield [name, new Float32Array(sizeOf(shape))];
  }

  return { signatures, signaturesOf, prepare, stateVariables, scratchVariables, initialState, scratchState };
}

function resultOf<D>(pass: Pass<D>, draw: D, outputs: readonly Readonly<Record<string, HostArray>>[]): StepResult {
  const whole = Object.fromEntries(
    Object.entries(pass.outputs).map(([name, how]) => {
      const sum = outputs.reduce((total, part) => total + (part[name]?.[0] ?? NaN), 0);
      return [name, how === 'mean' ? sum / outputs.length : sum];
    }),
  );
  return {
    loss: whole['loss'] ?? NaN,
    gradNorm: outputs.at(-1)?.['grad_norm']?.[0] ?? NaN,
    values: pass.values(whole, draw),
  };
}
