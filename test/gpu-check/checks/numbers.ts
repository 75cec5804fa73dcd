import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Side } from '../../bench/support/side';
import type { Check, Context, Verdict } from '../check';
import type { Gradients, StepProcess, Steps } from '../step-process';

const STEPS = 20;
/** Relative tolerance of every loss and of every parameter's first gradient as a whole. */
export const TOLERANCE = 1e-3;
/**
 * TF32 rounds factors to 11 bits, an error of 5e-4 each: a gradient that has passed twenty such layers may differ by
 * more.
 */
export const TOLERANCE_TF32 = 1e-2;

export interface Numbers {
  losses: number[];
  gradients: Record<string, Float32Array>;
}

export interface Difference {
  loss: number;
  gradient: number;
  /** Name of the parameter whose gradient differs most. */
  parameter: string;
}

async function numbersOf(side: Side, file: string, steps: number): Promise<Numbers> {
  const first = await side.ask<Steps>({ steps: 1 });
  const { lengths } = await side.ask<Gradients>({ gradients: file });
  const { buffer, byteOffset } = readFileSync(file);
  const gradients: Record<string, Float32Array> = Object.create(null) as Record<string, Float32Array>;
  let at = byteOffset;
  for (const [name, length] of Object.entries(lengths)) {
    gradients[name] = new Float32Array(buffer.slice(at, at + 4 * length));
    at += 4 * length;
  }
  const { losses } = await side.ask<Steps>({ steps: steps - 1 });
  return { losses: [...first.losses, ...losses], gradients };
}

/** Returns the distance of two gradients over the reference's length. */
function relative(values: Float32Array, reference: Float32Array): number {
  let [apart, length] = [0, 0];
  reference.forEach((expected, index) => {
    apart += ((values[index] ?? NaN) - expected) ** 2;
    length += expected ** 2;
  });
  // A gradient that is only rounding error (a bias before a batch norm) has no direction to compare.
  return Math.sqrt(length) < 1e-6 * Math.sqrt(reference.length) ? 0 : Math.sqrt(apart / length);
}

/** Makes a number that is not finite differ by infinity, because every comparison with NaN is false. */
const finite = (value: number): number => (Number.isFinite(value) ? value : Infinity);

export function differenceOf(numbers: Numbers, reference: Numbers): Difference {
  const losses = reference.losses.map((expected, index) =>
    finite(Math.abs((numbers.losses[index] ?? NaN) - expected) / Math.abs(expected)),
  );
  const gradients = Object.entries(reference.gradients).map(([name, expected]): [string, number] => [
    name,
    finite(relative(numbers.gradients[name] ?? new Float32Array(), expected)),
  ]);
  const [parameter, gradient] = gradients.reduce((one, other) => (other[1] > one[1] ? other : one), ['', 0]);
  return { loss: Math.max(...losses), gradient, parameter };
}

const words = ({ loss, gradient, parameter }: Difference): string =>
  `losses ${loss.toExponential(1)}, gradients ${gradient.toExponential(1)} (${parameter})`;

/** Judges the differences. @param differences by model and by the GPU's kind of multiplication */
export function judged(differences: Record<string, Record<string, Difference>>, gpu: boolean): Verdict {
  const rows = Object.entries(differences).flatMap(([model, ways]) =>
    Object.entries(ways).map(([way, difference]) => {
      const most = way === 'TF32' ? TOLERANCE_TF32 : TOLERANCE;
      return {
        fits: difference.loss <= TOLERANCE && difference.gradient <= most,
        text: `${model}, ${way}: ${words(difference)}`,
      };
    }),
  );
  const failed = rows.filter(({ fits }) => !fits);
  const told = (failed.length ? failed : rows).map(({ text }) => text).join('; ');
  const against = gpu ? "the GPU's numbers differ from the processor's" : 'composed ops differ from our own';
  const most = `(allowed: ${TOLERANCE.toExponential(0)}${gpu ? `, gradients with TF32 ${TOLERANCE_TF32.toExponential(0)}` : ''})`;
  return {
    state: failed.length ? 'bad' : 'good',
    text: `Relatively, ${against} by at most ${most}: ${told}.`,
    figures: differences,
  };
}

async function differencesFor(context: Context, subject: StepProcess): Promise<Record<string, Difference>> {
  const { start, gpus, folder, quick } = context;
  const steps = quick ? 5 : STEPS;
  const numbers = async (where: 'gpu' | 'processor', environment: Record<string, string>): Promise<Numbers> => {
    const side = await start(where, subject, environment);
    const made = await numbersOf(side, join(folder, 'gradients'), steps);
    await side.close();
    return made;
  };
  const reference = await numbers('processor', {});
  const ways: Record<string, Record<string, string>> = gpus.length
    ? { float32: { NVIDIA_TF32_OVERRIDE: '0' }, TF32: {} }
    : { 'composed ops': { EFFICIENTTRAIN_KERNELS: 'off' } };
  const found: Record<string, Difference> = {};
  for (const [way, environment] of Object.entries(ways))
    found[way] = differenceOf(await numbers('gpu', environment), reference);
  return found;
}

/** Compares losses of twenty steps and the first step's gradients with the processor's. */
export const check: Check = {
  id: 'numbers',
  run: async (context) => {
    const subjects: StepProcess[] = context.quick
      ? [
          { model: 'resnet_micro', size: 32, batch: 8 },
          { model: 'deit_micro', size: 32, batch: 8 },
        ]
      : [
          { model: 'resnet18', size: 96, batch: 16 },
          { model: 'deit_tiny_patch16_224', size: 96, batch: 16 },
        ];
    const differences: Record<string, Record<string, Difference>> = {};
    for (const subject of subjects) differences[subject.model] = await differencesFor(context, subject);
    return judged(differences, context.gpus.length > 0);
  },
};
