/** Initial values as PyTorch and timm draw them. Each is a pure function of (seed, name of the parameter). */
import { rngOf, textKey } from '../../../shared/random';

export type Initializer = (seed: number, name: string, length: number) => Float32Array;

const stream = (seed: number, name: string): ReturnType<typeof rngOf> => rngOf(seed, textKey('init'), textKey(name));

export const constant =
  (value: number): Initializer =>
  (_, __, length) =>
    new Float32Array(length).fill(value);

export const zeros: Initializer = constant(0);
export const ones: Initializer = constant(1);

/**
 * Draws normal values. timm's trunc_normal_(std) cuts at +-2, a hundred standard deviations away, so this is a plain
 * normal.
 */
export const normal =
  (std: number): Initializer =>
  (seed, name, length) => {
    const rng = stream(seed, name);
    return Float32Array.from({ length }, () => rng.normal() * std);
  };

const uniformWithin =
  (bound: number): Initializer =>
  (seed, name, length) => {
    const rng = stream(seed, name);
    return Float32Array.from({ length }, () => (2 * rng.uniform() - 1) * bound);
  };

/**
 * Draws PyTorch's default of Linear and Conv2d for weight and bias (kaiming_uniform with a = sqrt 5): uniform within 1
 * / sqrt(fan_in).
 */
export const uniformFanIn = (fanIn: number): Initializer => uniformWithin(1 / Math.sqrt(fanIn));

/** Draws He's normal values (He et al., 2015) by fan_out, for ReLU. */
export const kaimingFanOut = (kernel: number, out: number): Initializer =>
  normal(Math.sqrt(2 / (kernel * kernel * out)));

/** Draws uniform values within sqrt(6 / (fan_in + fan_out)) (Glorot and Bengio, 2010). */
export const xavierUniform = (fanIn: number, fanOut: number): Initializer =>
  uniformWithin(Math.sqrt(6 / (fanIn + fanOut)));
