/**
 * Turns the cases of optim.py into programs. Their inputs are gradients; their results are parameters, norm and EMA.
 */
import { createOptimizer, type OptimizerConfig } from '../../../src/main/engine/optim';
import { clipGradNorm } from '../../../src/main/engine/optim/clip-grad';
import { emaName, emaVariables, updateEma } from '../../../src/main/engine/optim/ema';
import { slotVariables } from '../../../src/main/engine/optim/optimizer';
import type { Executor, HostArray, ParamSpec, Program, Tensor, TensorInfo } from '../../../src/main/engine/types';
import { optimizerSchema } from '../../../src/shared/run-config';
import { expectClose } from '../models/expect-close';
import { uniform } from '../models/formula';
import goldenJson from './optim.json';

export interface OptimCase {
  id: string;
  optimizer: Partial<OptimizerConfig>;
  clip: number | null;
  ema_decay: number;
  /** Learning rates of all steps. */
  lr_factor: number;
  /** Whether each layer has a learning rate of its own. */
  layers: boolean;
  steps: (Record<string, number[]> & { norm: number })[];
  ema: Record<string, number[]>;
}

const golden = goldenJson as unknown as {
  lrs: number[];
  scales: Record<string, number[]>;
  shapes: Record<string, number[]>;
  decayed: string[];
  cases: OptimCase[];
};
export const OPTIM_CASES = golden.cases;

const count = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1);

const params: ParamSpec[] = Object.entries(golden.shapes).map(([name, shape]) => ({
  ...{ name, shape, timmShape: shape, layout: 'same', trainable: true, decay: golden.decayed.includes(name) },
  init: () =>
    name === 'zeros' ? new Float32Array(count(shape)) : Float32Array.from(uniform(`start/${name}`, count(shape))),
}));

/** Gives the parameters the learning rates of `lr_scales` in optim.py: 0.65 to the power of 2, 1, 0 and 1. */
const LAYER_DECAY = 0.65;
const layers = [['vector'], ['matrix', 'zeros']];

const configOf = ({ optimizer, layers: has }: OptimCase): OptimizerConfig =>
  optimizerSchema.parse({ ...optimizer, layer_decay: has ? LAYER_DECAY : null });

export function optimProgram(example: OptimCase): Program {
  const { clip } = example;
  const optimizer = createOptimizer(configOf(example), { params, layers });
  const info = (shape: readonly number[]): TensorInfo => ({ shape, dtype: 'float32' });
  return {
    variables: {
      ...Object.fromEntries(params.map(({ name, shape }) => [name, info(shape)])),
      ...slotVariables(optimizer, params),
      ...emaVariables(params),
    },
    signatures: {
      step: {
        inputs: {
          ...Object.fromEntries(params.map(({ name, shape }) => [name, info(shape)])),
          lr: info([]),
          correction1: info([]),
          correction2: info([]),
          ema_decay: info([]),
        },
        body: (context, inputs) => {
          const { lr, correction1, correction2, ema_decay } = inputs as Record<
            'lr' | 'correction1' | 'correction2' | 'ema_decay',
            Tensor
          >;
          const gradients = new Map(params.map(({ name }) => [name, inputs[name]!]));
          const { norm, factor } = clipGradNorm(context, gradients, clip);
          const update = { gradients, factor, emaDecay: ema_decay };
          const averaged = optimizer.update(context, params, update, { lr, correction1, correction2 });
          const others = params.filter(({ name }) => !averaged.has(name));
          updateEma(context, others, ema_decay);
          return { norm };
        },
      },
    },
  };
}

/** Returns every variable's value before the first step. */
export function startOf(example: OptimCase): Record<string, Float32Array> {
  const state = Object.fromEntries(params.map(({ name, init }) => [name, init(0)]));
  const slots = Object.entries(optimProgram(example).variables).map(([name, { shape }]): [string, Float32Array] => [
    name,
    new Float32Array(count(shape)),
  ]);
  return {
    ...Object.fromEntries(slots),
    ...state,
    ...Object.fromEntries(params.map(({ name }) => [emaName(name), state[name]!])),
  };
}

/** Returns the inputs of a step; steps are counted from 0. */
export function inputsOf(example: OptimCase, step: number): Record<string, HostArray> {
  const scalar = (value: number): Float32Array => Float32Array.of(value);
  const [beta1, beta2] = configOf(example).betas;
  const gradients: Record<string, HostArray> = Object.fromEntries(
    params.map(({ name, shape }) => [
      name,
      Float32Array.from(
        uniform(`gradient/${step}/${name}`, count(shape)),
        (value) => value * golden.scales[name]![step]!,
      ),
    ]),
  );
  return {
    ...gradients,
    lr: scalar(golden.lrs[step]! * example.lr_factor),
    correction1: scalar(1 - beta1 ** (step + 1)),
    correction2: scalar(1 - beta2 ** (step + 1)),
    ema_decay: scalar(example.ema_decay),
  };
}

/**
 * Compares every step's norm and parameters, and the EMA at the end, with PyTorch and timm.
 * @param tolerance relative to the largest value
 */
export function expectOptimizer(executor: Executor, example: OptimCase, tolerance: number): void {
  executor.write(startOf(example));
  example.steps.forEach((expected, step) => {
    const { norm } = executor.run('step', inputsOf(example, step));
    expectClose(norm!, [expected.norm], 1e-6 * expected.norm, `step ${step}: norm`);
    const values = executor.read(Object.keys(golden.shapes));
    for (const name of Object.keys(golden.shapes))
      expectClose(
        values[name]!,
        expected[name]!,
        tolerance * Math.max(1, ...expected[name]!.map(Math.abs)),
        `step ${step}: ${name}`,
      );
  });
  for (const [name, expected] of Object.entries(example.ema))
    expectClose(
      executor.read([emaName(name)])[emaName(name)]!,
      expected,
      tolerance * Math.max(1, ...expected.map(Math.abs)),
      `EMA of ${name}`,
    );
}
