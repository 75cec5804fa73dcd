import { describe, expect, it } from 'vitest';
import { cropMatrix, lowFrequencyCrop, resizeMatrix, type HostImage } from '../../src/shared/curriculum/low-frequency';
import { transformOf } from '../../src/shared/curriculum/fourier';
import { filtered } from '../../src/shared/curriculum/frequency-filter';
import { lowPass } from '../../src/shared/curriculum/low-pass';
import golden from '../golden/low-frequency/low-frequency.json';

interface Shape {
  height: number;
  width: number;
  channels: number;
}

/** Makes an image by the formula of low-frequency.py. */
function imageOf({ height, width, channels }: Shape): HostImage {
  const data = Float32Array.from(
    { length: height * width * channels },
    (_, i) => ((i * 7919 + i * i * 31) % 256) / 255,
  );
  return { data, height, width, channels };
}

const worst = (output: ArrayLike<number>, { at, output: expected }: { at: number[]; output: number[] }): number =>
  Math.max(...at.map((index, k) => Math.abs((output[index] as number) - (expected[k] as number))));

/** Computes the crop as the device does: by two real products and the rank-one term. */
function byMatrices({ data, height, width, channels }: HostImage, bandwidth: number): number[] {
  const [vertical, horizontal] = [cropMatrix(height, bandwidth), cropMatrix(width, bandwidth)];
  const product = (left: (y: number) => number, right: (x: number) => number, c: number): number => {
    let sum = 0;
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) sum += left(y) * right(x) * (data[(y * width + x) * channels + c] as number);
    return sum;
  };
  const corner = Array.from({ length: channels }, (_, c) => {
    const [left, right] = [vertical.nyquist, horizontal.nyquist];
    return left && right
      ? product(
          (y) => left[y] as number,
          (x) => right[x] as number,
          c,
        )
      : 0;
  });
  return Array.from({ length: bandwidth * bandwidth * channels }, (_, at) => {
    const c = at % channels;
    const n = Math.floor(at / channels) % bandwidth;
    const m = Math.floor(at / channels / bandwidth);
    const sum = product(
      (y) => vertical.real[m * height + y] as number,
      (x) => horizontal.real[n * width + x] as number,
      c,
    );
    return sum - ((m + n) % 2 ? -1 : 1) * (corner[c] as number);
  });
}

describe('low-frequency crop', () => {
  it.each(golden.crop)("$height x $width x $channels to $bandwidth is numpy's", (example) => {
    const { data, height, width } = lowFrequencyCrop(imageOf(example), example.bandwidth);
    expect([height, width, data.length]).toEqual([
      example.bandwidth,
      example.bandwidth,
      example.bandwidth ** 2 * example.channels,
    ]);
    expect(worst(data, example)).toBeLessThan(1e-6);
  });
  it.each(golden.crop.filter(({ height }) => height < 20))(
    "$height x $width x $channels to $bandwidth by matrices is numpy's",
    (example) => {
      expect(worst(byMatrices(imageOf(example), example.bandwidth), example)).toBeLessThan(1e-6);
    },
  );
  it.each([
    [224, 96],
    [224, 95],
    [384, 224],
    [513, 512],
  ])('rows of the matrix %i -> %i keep the mean', (size, bandwidth) => {
    const { real, nyquist } = cropMatrix(size, bandwidth);
    const sums = Array.from({ length: bandwidth }, (_, m) =>
      real.subarray(m * size, (m + 1) * size).reduce((sum, value) => sum + value, 0),
    );
    expect(Math.max(...sums.map((sum) => Math.abs(sum - 1)))).toBeLessThan(1e-12);
    expect(nyquist !== null).toBe(bandwidth % 2 === 0);
  });
  it('the final size is the identity', () => {
    const image = imageOf({ height: 10, width: 10, channels: 3 });
    expect(
      worst(lowFrequencyCrop(image, 10).data, { at: [...image.data.keys()], output: [...image.data] }),
    ).toBeLessThan(1e-6);
    expect(cropMatrix(10, 10).nyquist).toBeNull();
  });
  it('a bandwidth beyond the image throws', () => {
    expect(() => lowFrequencyCrop(imageOf({ height: 8, width: 12, channels: 1 }), 9)).toThrow('larger');
    expect(() => cropMatrix(8, 9)).toThrow('larger');
  });
});

describe('resize', () => {
  it.each(golden.resize)("$height x $width x $channels to $bandwidth is PIL's Lanczos", (example) => {
    expect(worst(lowFrequencyCrop(imageOf(example), example.bandwidth, 'resize').data, example)).toBeLessThan(1e-6);
  });
  it('rows sum to 1', () => {
    const matrix = resizeMatrix(100, 37);
    for (let row = 0; row < 37; row++)
      expect(matrix.subarray(row * 100, (row + 1) * 100).reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 12);
  });
});

describe('low-pass', () => {
  it.each(golden.low_pass)("$height x $width x $channels at radius $radius is numpy's", (example) => {
    const { data, height, width } = lowPass(imageOf(example), example.radius);
    expect([height, width]).toEqual([example.height, example.width]);
    expect(worst(data, example)).toBeLessThan(1e-6);
  });
  it.each(golden.high_pass)("$height x $width x $channels outside radius $radius is numpy's", (example) => {
    const { data, height, width } = filtered(imageOf(example), { kind: 'high_pass', radius: example.radius });
    expect([height, width]).toEqual([example.height, example.width]);
    expect(worst(data, example)).toBeLessThan(1e-6);
  });
  it('no filter leaves the image', () => {
    const image = imageOf({ height: 5, width: 4, channels: 3 });
    expect(filtered(image, null)).toBe(image);
  });
  it('radius 0 leaves the mean, twice the radius of the corner leaves the image', () => {
    const image = imageOf({ height: 21, width: 38, channels: 1 });
    const mean = image.data.reduce((sum, value) => sum + value, 0) / image.data.length;
    for (const value of lowPass(image, 0).data) expect(value).toBeCloseTo(mean, 6);
    expect(worst(lowPass(image, 21).data, { at: [...image.data.keys()], output: [...image.data] })).toBeLessThan(1e-6);
  });
  it('a photograph of twelve megapixels takes seconds', { timeout: 600_000 }, () => {
    const image = imageOf({ height: 3000, width: 4000, channels: 3 });
    const began = process.cpuUsage();
    lowPass(image, 100);
    const { user, system } = process.cpuUsage(began);
    // It takes 3 s of one core. Processor time grows less than wall time where other processes share the machine.
    expect((user + system) / 1e6).toBeLessThan(20);
  });
});

describe('transform', () => {
  it.each([1, 2, 3, 4, 8, 12, 17, 30, 49, 97, 121, 1001])(
    'of %i values is the definition, forward and back, for interleaved signals',
    (length) => {
      const batch = 3;
      const values = {
        re: Float64Array.from({ length: length * batch }, (_, i) => Math.sin(i * i)),
        im: Float64Array.from({ length: length * batch }, (_, i) => Math.cos(3 * i * i)),
      };
      const before = { re: values.re.slice(), im: values.im.slice() };
      transformOf(length, -1, batch)(values);
      for (const k of new Set([0, Math.min(1, length - 1), length >> 1, length - 1])) {
        for (let signal = 0; signal < batch; signal++) {
          let [re, im] = [0, 0];
          for (let n = 0; n < length; n++) {
            const angle = (-2 * Math.PI * ((k * n) % length)) / length;
            const [a, b] = [before.re[n * batch + signal] as number, before.im[n * batch + signal] as number];
            re += a * Math.cos(angle) - b * Math.sin(angle);
            im += a * Math.sin(angle) + b * Math.cos(angle);
          }
          expect(values.re[k * batch + signal]).toBeCloseTo(re, 9);
          expect(values.im[k * batch + signal]).toBeCloseTo(im, 9);
        }
      }
      transformOf(length, 1, batch)(values);
      values.re.forEach((value, i) => expect(value / length).toBeCloseTo(before.re[i] as number, 9));
    },
  );
});
