/** The cases of optim.py as programs: gradients come in, parameters, norm and EMA come out. */
import { adamW } from '../../../src/main/engine/optim/adamw';
import { clipGradNorm } from '../../../src/main/engine/optim/clip-grad';
import { emaName, emaVariables, updateEma } from '../../../src/main/engine/optim/ema';
import { slotVariables } from '../../../src/main/engine/optim/optimizer';
import { sgd } from '../../../src/main/engine/optim/sgd';
import type { Executor, HostArray, ParamSpec, Program, Tensor, TensorInfo } from '../../../src/main/engine/types';
import { expectClose } from '../models/expect-close';
import { uniform } from '../models/formula';
import goldenJson from './optim.json';

type OptimizerCase =
  | { name: 'adamw'; betas: [number, number]; eps: number; weight_decay: number }
  | { name: 'sgd'; momentum: number; nesterov: boolean; weight_decay: number };

export interface OptimCase {
  id: string;
  optimizer: OptimizerCase;
  clip: number | null;
  ema_decay: number;
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
  init: () => Float32Array.from(uniform(`start/${name}`, count(shape))),
}));

export function optimProgram({ optimizer: config, clip }: OptimCase): Program {
  const optimizer = config.name === 'adamw' ? adamW(config) : sgd(config);
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

/** Every step's norm and parameters, and the EMA at the end, against PyTorch: to 1e-6 of the largest value. */
export function expectOptimizer(executor: Executor, example: OptimCase): void {
  const state = Object.fromEntries(params.map(({ name, init }) => [name, init(0)]));
  const slots = Object.entries(optimProgram(example).variables).map(([name, { shape }]): [string, Float32Array] => [
    name,
    new Float32Array(count(shape)),
  ]);
  executor.write({
    ...Object.fromEntries(slots),
    ...state,
    ...Object.fromEntries(params.map(({ name }) => [emaName(name), state[name]!])),
  });
  const scalar = (value: number): Float32Array => Float32Array.of(value);
  const [beta1, beta2] = example.optimizer.name === 'adamw' ? example.optimizer.betas : [0, 0];
  example.steps.forEach((expected, step) => {
    const gradients: Record<string, HostArray> = Object.fromEntries(
      params.map(({ name, shape }) => [
        name,
        Float32Array.from(uniform(`gradient/${step}/${name}`, count(shape)), (value) => value * golden.scales[name]![step]!),
      ]),
    );
    const scalars = {
      lr: scalar(golden.lrs[step]!),
      correction1: scalar(1 - beta1 ** (step + 1)),
      correction2: scalar(1 - beta2 ** (step + 1)),
      ema_decay: scalar(example.ema_decay),
    };
    const { norm } = executor.run('step', { ...gradients, ...scalars });
    expectClose(norm!, [expected.norm], 1e-6 * expected.norm, `step ${step}: norm`);
    const values = executor.read(Object.keys(golden.shapes));
    for (const name of Object.keys(golden.shapes))
      expectClose(values[name]!, expected[name]!, 1e-6 * Math.max(1, ...expected[name]!.map(Math.abs)), `step ${step}: ${name}`);
  });
  for (const [name, expected] of Object.entries(example.ema))
    expectClose(
      executor.read([emaName(name)])[emaName(name)]!,
      expected,
      1e-6 * Math.max(1, ...expected.map(Math.abs)),
      `EMA of ${name}`,
    );
}
