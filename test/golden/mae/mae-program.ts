/** Turns the cases of cases.json into programs: a forward pass, every gradient and an AdamW step at each size. */
import { modelEntry } from '../../../src/main/engine/models';
import { adamW } from '../../../src/main/engine/optim/adamw';
import { slotVariables } from '../../../src/main/engine/optim/optimizer';
import { sizeOf } from '../../../src/main/engine/size-of';
import { maskedLoss } from '../../../src/main/engine/tasks/mae/masked-loss';
import { maskFromNoise } from '../../../src/main/engine/tasks/mae/masking';
import { pixelTargets } from '../../../src/main/engine/tasks/mae/pixel-targets';
import type {
  Context,
  HostArray,
  MaskedAutoencoder,
  ModelOptions,
  Program,
  Signature,
  Tensor,
  TensorInfo,
} from '../../../src/main/engine/types';
import { fromTimm } from '../../../src/main/engine/weights/layout';
import { visiblePatches } from '../../../src/shared/visible-patches';
import { images, uniform, weight, type Summary } from '../models/formula';

export interface MaeCase {
  id: string;
  patch: number;
  mask_ratio: number;
  norm_pix_loss: boolean;
  batch: number;
  /** Sides of the images in pixels; the first is the final one. */
  sizes: number[];
  run: {
    lr: number;
    betas: [number, number];
    eps: number;
    weight_decay: number;
    stages: { size: number; steps: number }[];
  };
}

export interface StepResult {
  loss: number;
  prediction: Summary;
  gradients: Record<string, Summary>;
  /** All tokens after the norm, without masking. */
  tokens: Summary;
}

export type MaeGolden = Record<string, StepResult> & {
  /** Shapes by the authors' names. */
  shapes: Record<string, number[]>;
  run: { losses: number[]; parameters: Record<string, Summary> };
};

const [MEAN, STD] = [
  [0.485, 0.456, 0.406],
  [0.229, 0.224, 0.225],
];

export function createMae({ id, sizes }: MaeCase, changes: Partial<ModelOptions> = {}): MaskedAutoencoder {
  const options = { num_classes: 0, img_size: sizes[0]!, drop_path_rate: 0, drop_rate: 0, ...changes };
  return modelEntry(id).create(options) as MaskedAutoencoder;
}

/** Returns the formula's weights in this program's layouts, and the fixed tables. */
const weightsOf = (model: MaskedAutoencoder): Record<string, Float32Array> =>
  Object.fromEntries(
    model.params.map((spec) => [spec.name, spec.trainable ? fromTimm(spec, weight(spec, {})) : spec.init(0)]),
  );

/** Returns the first value of every variable. */
export function stateOf(model: MaskedAutoencoder, { run }: MaeCase): Record<string, Float32Array> {
  const slots = slotVariables(
    adamW(run),
    model.params.filter(({ trainable }) => trainable),
  );
  const zeros = Object.entries(slots).map(([name, { shape }]) => [name, new Float32Array(sizeOf(shape))] as const);
  return { ...weightsOf(model), ...Object.fromEntries(zeros) };
}

export const patchesOf = ({ patch }: MaeCase, size: number): number => (size / patch) ** 2;

/** Returns a step's inputs, images and masks, as a pure function of (step, size). */
export function inputsOf(example: MaeCase, step: number, size: number): Record<string, HostArray> {
  const { batch, mask_ratio } = example;
  const length = patchesOf(example, size);
  const kept = visiblePatches(length, mask_ratio);
  const noise = uniform(`noise/${step}`, batch * length);
  const masks = Array.from({ length: batch }, (_, n) =>
    maskFromNoise(noise.subarray(n * length, (n + 1) * length), kept),
  );
  const joined = <T extends HostArray>(type: { from(values: number[]): T }, key: keyof (typeof masks)[number]): T =>
    type.from(masks.flatMap((mask) => Array.from(mask[key])));
  return {
    x: Float32Array.from(
      images(`images/${step % 4}`, batch, size),
      (v, at) => (v / 255 - MEAN[at % 3]!) / STD[at % 3]!,
    ),
    ids_keep: joined(Int32Array, 'ids_keep'),
    ids_restore: joined(Int32Array, 'ids_restore'),
    mask: joined(Float32Array, 'mask'),
  };
}

function inputInfos(example: MaeCase, size: number): Record<string, TensorInfo> {
  const { batch, mask_ratio } = example;
  const length = patchesOf(example, size);
  return {
    x: { shape: [batch, size, size, 3], dtype: 'float32' },
    ids_keep: { shape: [batch, visiblePatches(length, mask_ratio)], dtype: 'int32' },
    ids_restore: { shape: [batch, length], dtype: 'int32' },
    mask: { shape: [batch, length], dtype: 'float32' },
  };
}

function predictionOf(
  context: Context,
  model: MaskedAutoencoder,
  inputs: Record<string, Tensor>,
  training: boolean,
): Tensor {
  const { x, ids_keep: idsKeep, ids_restore: idsRestore } = inputs as Record<'x' | 'ids_keep' | 'ids_restore', Tensor>;
  const latent = model.encodeVisible(context, x, idsKeep, { training });
  return model.decode(context, latent, { idsKeep, idsRestore }, { training });
}

function gradientsOf(
  context: Context,
  model: MaskedAutoencoder,
  example: MaeCase,
  inputs: Record<string, Tensor>,
): { loss: Tensor; gradients: Map<string, Tensor> } {
  const { x, mask } = inputs as Record<'x' | 'mask', Tensor>;
  const target = pixelTargets(context, x, model.patch, example.norm_pix_loss);
  const loss = (): Tensor => maskedLoss(context, predictionOf(context, model, inputs, true), target, mask);
  const trained = model.params.filter(({ trainable }) => trainable).map(({ name }) => name);
  const variables = trained.map((name) => context.variable(name));
  const { value, grads } = context.tf.variableGrads(loss as never, variables as never);
  const gradients = trained.map((name, index): [string, Tensor] => [name, grads[variables[index]!.name]!]);
  return { loss: value, gradients: new Map(gradients) };
}

function signaturesOf(model: MaskedAutoencoder, example: MaeCase, size: number): Record<string, Signature> {
  const { run } = example;
  const optimizer = adamW(run);
  const trained = model.params.filter(({ trainable }) => trainable);
  const inputs = inputInfos(example, size);
  const scalar: TensorInfo = { shape: [], dtype: 'float32' };
  return {
    [`step_${size}`]: {
      inputs,
      body: (context, values) => {
        const { loss, gradients } = gradientsOf(context, model, example, values);
        const prediction = predictionOf(context, model, values, false);
        const { intermediates } = model.encode(context, values['x']!, { training: false, intermediates: ['tokens'] });
        const named = [...gradients].map(([name, gradient]): [string, Tensor] => [`gradient/${name}`, gradient]);
        return { loss, prediction, tokens: intermediates['tokens']!, ...Object.fromEntries(named) };
      },
    },
    [`train_${size}`]: {
      inputs: { ...inputs, lr: scalar, correction1: scalar, correction2: scalar },
      body: (context, values) => {
        const { lr, correction1, correction2, ...rest } = values as Record<
          'lr' | 'correction1' | 'correction2',
          Tensor
        >;
        const { loss, gradients } = gradientsOf(context, model, example, rest);
        const scalars = { lr, correction1, correction2 };
        optimizer.update(context, trained, { gradients, factor: null, emaDecay: null }, scalars);
        return { loss };
      },
    },
  };
}

export function maeProgram(model: MaskedAutoencoder, example: MaeCase, sizes: readonly number[]): Program {
  const parameters = model.params.map(({ name, shape }): [string, TensorInfo] => [name, { shape, dtype: 'float32' }]);
  const trained = model.params.filter(({ trainable }) => trainable);
  return {
    variables: { ...Object.fromEntries(parameters), ...slotVariables(adamW(example.run), trained) },
    signatures: Object.assign({}, ...sizes.map((size) => signaturesOf(model, example, size))) as Program['signatures'],
  };
}

export function trainInputs(example: MaeCase, step: number, size: number): Record<string, HostArray> {
  const [beta1, beta2] = example.run.betas;
  return {
    ...inputsOf(example, step, size),
    lr: Float32Array.of(example.run.lr),
    correction1: Float32Array.of(1 - beta1 ** (step + 1)),
    correction2: Float32Array.of(1 - beta2 ** (step + 1)),
  };
}
