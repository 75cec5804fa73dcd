/**
 * The classification task beyond PyTorch's golden numbers: inputs, masks, erasing, evaluation, and the effect of a NaN.
 */
import { describe, expect, it } from 'vitest';
import {
  classifyProgram,
  evalSignature,
  initialState,
  trainSignature,
  type ClassifyOptions,
  stepInputs,
} from '../../support/classify';
import { keepMask } from '../../../src/main/engine/tasks/step-input';
import { EagerExecutor } from '../../../src/main/engine/capture/eager';
import { traceProgram } from '../../../src/main/engine/capture/tracer';
import { modelEntries, modelEntry } from '../../../src/main/engine/models';
import { adamW } from '../../../src/main/engine/optim/adamw';
import { eraseRectangles } from '../../../src/main/engine/tasks/erase';
import type { MixParams, Program, TrainBatch } from '../../../src/main/engine/types';
import { expectClose } from '../../golden/models/expect-close';
import { images } from '../../golden/models/formula';
import { engineMissing, loaded } from '../../support/engine';

const [BATCH, SIZE, BANDWIDTH] = [4, 32, 16];
const SCALARS = { seed: 3, lr: 1e-3, betas: [0.9, 0.999] as const, emaDecay: 0.9 };

function optionsOf(id: string, rates = { drop_path_rate: 0.1, drop_rate: 0.1 }, size = SIZE): ClassifyOptions {
  return {
    ...{
      model: modelEntry(id).create({ num_classes: 10, img_size: size, ...rates }),
      optimizer: adamW({ betas: [0.9, 0.999], eps: 1e-8, weight_decay: 0.05 }),
      clipGradNorm: 5,
    },
    ...{
      ema: true,
      labelSmoothing: 0.1,
      lowFrequencyMode: 'crop',
      size,
      remode: 'pixel',
      mean: [0.5, 0.5, 0.5],
      std: [0.25, 0.25, 0.25],
    },
    train: [{ bandwidth: size / 2, batch: BATCH }],
    evaluate: [{ size, batch: BATCH, bandwidth: size }],
  };
}

const batchOf = (step: number): TrainBatch => ({
  ...{ step, labels: Int32Array.of(1, 2, 3, 4), erase: new Int32Array(BATCH * 4), waitMs: 0 },
  images: images(`step ${step}`, BATCH, SIZE),
});

const mixOf = (lam: number): MixParams => ({
  kind: lam < 1 ? 'mixup' : 'none',
  lam,
  mask: new Float32Array(BANDWIDTH * BANDWIDTH).fill(lam),
});

function open(options: ClassifyOptions): EagerExecutor {
  const executor = new EagerExecutor(classifyProgram(options), loaded);
  executor.write(initialState(options, 1));
  return executor;
}

describe('inputs of a step', () => {
  it('are exactly what the signature declares, with and without masks', () => {
    for (const rates of [
      { drop_path_rate: 0.1, drop_rate: 0.1 },
      { drop_path_rate: 0, drop_rate: 0 },
    ]) {
      const options = optionsOf('deit_micro', rates);
      const declared = classifyProgram(options).signatures[trainSignature(BANDWIDTH, BATCH)]!.inputs;
      const inputs = stepInputs(options.model, batchOf(0), mixOf(1), SCALARS);
      expect(Object.keys(inputs).sort()).toEqual(Object.keys(declared).sort());
      for (const [name, { shape }] of Object.entries(declared))
        expect(inputs[name]!.length, name).toBe(shape.reduce((product, length) => product * length, 1));
    }
  });

  it('are a function of (seed, step)', () => {
    const { model } = optionsOf('deit_micro');
    const at = (step: number, seed = 3): Float32Array =>
      stepInputs(model, { ...batchOf(0), step }, mixOf(1), { ...SCALARS, seed })['dropout'] as Float32Array;
    expect(at(5)).toEqual(at(5));
    expect(at(5)).not.toEqual(at(6));
    expect(at(5)).not.toEqual(at(5, 4));
  });

  it('drop with the given rate, and keep the mean', () => {
    const rates = [0.05, 0.3, 0.7];
    const rows = 20_000;
    const mask = keepMask(rows, rates, 1, 2, 3);
    rates.forEach((rate, column) => {
      const values = Array.from({ length: rows }, (_, row) => mask[row * rates.length + column]!);
      const dropped = values.filter((value) => value === 0).length / rows;
      expect(Math.abs(dropped - rate)).toBeLessThan(5 * Math.sqrt((rate * (1 - rate)) / rows));
      expect(Math.abs(values.reduce((sum, value) => sum + value, 0) / rows - 1)).toBeLessThan(
        5 * Math.sqrt(rate / (1 - rate) / rows),
      );
      expect(new Set(values).size).toBe(2);
    });
  });
});

describe('random erasing', () => {
  const [rows, side] = [3, 40];
  const program = (mode: 'pixel' | 'const'): Program => ({
    variables: {},
    signatures: {
      run: {
        inputs: {
          x: { shape: [rows, side, side, 3], dtype: 'float32' },
          erase: { shape: [rows, 4], dtype: 'int32' },
          seed: { shape: [2], dtype: 'int32' },
        },
        body: (context, { x, erase, seed }) => ({ y: eraseRectangles(context, x!, erase!, seed!, mode) }),
      },
    },
  });
  const boxes = Int32Array.of(5, 7, 20, 30, 0, 0, 0, 0, 10, 0, 30, 40);
  const run = (mode: 'pixel' | 'const', seed: number): Float32Array =>
    new EagerExecutor(program(mode), loaded).run('run', {
      x: new Float32Array(rows * side * side * 3).fill(7),
      erase: boxes,
      seed: Int32Array.of(3, seed),
    })['y'] as Float32Array;
  const inside = (index: number): boolean => {
    const [n, y, x] = [
      Math.floor(index / (side * side * 3)),
      Math.floor(index / (side * 3)) % side,
      Math.floor(index / 3) % side,
    ];
    const [top, left, height, width] = boxes.slice(n * 4, n * 4 + 4) as unknown as [number, number, number, number];
    return y >= top && y < top + height && x >= left && x < left + width;
  };

  it('const: zero inside the rectangle, untouched outside', () =>
    expect(run('const', 1)).toEqual(
      Float32Array.from({ length: rows * side * side * 3 }, (_, index) => (inside(index) ? 0 : 7)),
    ));

  it('pixel: standard normal noise inside, another for another step', () => {
    const values = run('pixel', 1);
    expect(values.every((value, index) => inside(index) || value === 7)).toBe(true);
    const noise = values.filter((_, index) => inside(index));
    const mean = noise.reduce((sum, value) => sum + value, 0) / noise.length;
    const variance = noise.reduce((sum, value) => sum + (value - mean) ** 2, 0) / noise.length;
    expect(noise.length).toBe((20 * 30 + 30 * 40) * 3);
    expect(Math.abs(mean)).toBeLessThan(5 / Math.sqrt(noise.length));
    expect(Math.abs(variance - 1)).toBeLessThan(5 * Math.sqrt(2 / noise.length));
    expect(run('pixel', 1)).toEqual(values);
    expect(run('pixel', 2)).not.toEqual(values);
  });
});

describe('a step', () => {
  it('counts against the label that weighs most', () => {
    const options = optionsOf('deit_micro', { drop_path_rate: 0, drop_rate: 0 });
    const state = Object.fromEntries(initialState(options, 1));
    // The head ignores its input and predicts class 1. It is the label of image 0, and of image 3 in the reversed
    // batch.
    state['head.weight']!.fill(0);
    state['head.bias']!.set(Float32Array.from({ length: 10 }, (_, index) => (index === 1 ? 9 : 0)));
    const correct = (lam: number, labels: Int32Array): number => {
      const executor = new EagerExecutor(classifyProgram(options), loaded);
      executor.write(state);
      return executor.run(
        trainSignature(BANDWIDTH, BATCH),
        stepInputs(options.model, { ...batchOf(0), labels }, mixOf(lam), SCALARS),
      )['correct']![0]!;
    };
    expect(correct(1, Int32Array.of(1, 1, 1, 4))).toBe(3);
    expect(correct(0.7, Int32Array.of(1, 1, 1, 4))).toBe(3);
    expect(correct(0.3, Int32Array.of(1, 1, 2, 2))).toBe(2);
    // Here image 0 is mostly image 1, and image 1 mostly image 0.
    expect(correct(0.3, Int32Array.of(4, 1, 1, 4))).toBe(2);
    expect(correct(0.3, Int32Array.of(1, 2, 3, 4))).toBe(1);
  });

  it('reports NaN as NaN', () => {
    const options = optionsOf('deit_micro');
    const executor = open(options);
    executor.write({ 'head.bias': new Float32Array(10).fill(NaN) });
    const { loss, grad_norm } = executor.run(
      trainSignature(BANDWIDTH, BATCH),
      stepInputs(options.model, batchOf(0), mixOf(1), SCALARS),
    );
    expect(loss![0]).toBeNaN();
    expect(grad_norm![0]).toBeNaN();
  });

  it('moves every parameter, and EMA after it', () => {
    for (const id of ['deit_micro', 'resnet_micro']) {
      const options = optionsOf(id, { drop_path_rate: 0, drop_rate: 0 });
      const executor = open(options);
      const state = Object.fromEntries(initialState(options, 1));
      // Where the last norm of a branch is zero, the branch begins to learn a step later.
      for (const step of [0, 1])
        executor.run(trainSignature(BANDWIDTH, BATCH), stepInputs(options.model, batchOf(step), mixOf(1), SCALARS));
      for (const { name } of options.model.params) {
        const [value, ema] = [executor.read([name])[name]!, executor.read([`ema/${name}`])[`ema/${name}`]!];
        expect(
          value.some((number, index) => number !== state[name]![index]),
          name,
        ).toBe(true);
        expect(
          ema.some((number, index) => number !== state[name]![index]),
          `ema/${name}`,
        ).toBe(true);
      }
    }
  });
});

describe('evaluation', () => {
  it('gives logits and losses, nothing for padding, and changes no variable', () => {
    for (const id of ['deit_micro', 'resnet_micro']) {
      const options = optionsOf(id);
      const executor = open(options);
      const before = executor.read();
      const labels = Int32Array.of(3, -1, 0, 9);
      const { logits, losses } = executor.run(evalSignature(SIZE, BATCH, 'raw'), {
        images: batchOf(0).images,
        labels,
      }) as Record<'logits' | 'losses', Float32Array>;
      const expected = Array.from(labels, (label, row) => {
        const scores = Array.from(logits.slice(row * 10, row * 10 + 10));
        return label < 0 ? 0 : Math.log(scores.reduce((sum, score) => sum + Math.exp(score), 0)) - scores[label]!;
      });
      expectClose(losses, expected, 1e-5, 'losses');
      expect(executor.read()).toEqual(before);
    }
  });

  it('of the EMA reads the EMA', () => {
    const options = optionsOf('deit_micro');
    const executor = open(options);
    executor.write({ 'head.bias': new Float32Array(10).fill(1) });
    const inputs = { images: batchOf(0).images, labels: Int32Array.of(0, 1, 2, 3) };
    const [raw, ema] = (['raw', 'ema'] as const).map(
      (weights) => executor.run(evalSignature(SIZE, BATCH, weights), inputs)['logits'] as Float32Array,
    ) as [Float32Array, Float32Array];
    expectClose(
      raw.map((value) => value - 1),
      ema,
      1e-5,
      'logits',
    );
  });
});

describe('the program', () => {
  it('declares each stage once', () => {
    const options = optionsOf('deit_micro');
    expect(() => classifyProgram({ ...options, train: [...options.train, ...options.train] })).toThrow(
      `${trainSignature(BANDWIDTH, BATCH)} twice`,
    );
  });

  it('has a first value for every variable; slots zero, EMA a copy', () => {
    for (const id of ['deit_micro', 'resnet_micro']) {
      const options = optionsOf(id);
      const state = Object.fromEntries(initialState(options, 1));
      const { variables } = classifyProgram(options);
      expect(Object.keys(state).sort()).toEqual(Object.keys(variables).sort());
      for (const [name, { shape }] of Object.entries(variables)) {
        expect(state[name]!.length, name).toBe(shape.reduce((product, length) => product * length, 1));
        if (/\/[mv]$/.test(name)) expect(state[name]!.every((value) => value === 0)).toBe(true);
        if (name.startsWith('ema/')) expect(state[name]).toEqual(state[name.slice(4)]);
      }
    }
  });

  it.skipIf(engineMissing)('of every model can be traced at two stages', () => {
    for (const { id, sizes } of modelEntries('classify')) {
      const { step } = sizes;
      const graph = traceProgram(
        classifyProgram(optionsOf(id, { drop_path_rate: 0.1, drop_rate: 0 }, 4 * step)),
        loaded.tf,
        loaded.backend!,
      );
      expect(Object.keys(graph.signatures), id).toContain(trainSignature(2 * step, BATCH));
    }
  });
});
