import { describe, expect, it } from 'vitest';
import { keptEnergy, spectrumOf, spectrumPicture } from '../../src/shared/curriculum/spectrum';

const SIZE = 32;
/** Makes a wave with `u` periods down and `v` periods across. */
const wave = (u: number, v: number): number[] =>
  Array.from(
    { length: SIZE * SIZE },
    (_, at) => 0.5 + 0.5 * Math.cos((2 * Math.PI * (u * Math.floor(at / SIZE) + v * (at % SIZE))) / SIZE),
  );

describe('the spectrum', () => {
  it('has a wave at its two frequencies, mirrored about the middle', () => {
    const { power } = spectrumOf(wave(3, 5), SIZE);
    const peaks = [...power.entries()]
      .filter(([, value]) => value > 1)
      .map(([at]) => [Math.floor(at / SIZE), at % SIZE]);
    expect(peaks).toEqual([
      [16 - 3, 16 - 5],
      [16 + 3, 16 + 5],
    ]);
  });

  it('tells what a crop keeps', () => {
    const values = wave(0, 5).map((value, at) => value + (wave(0, 2)[at] as number));
    const spectrum = spectrumOf(values, SIZE);
    expect(keptEnergy(spectrum, SIZE)).toBe(1);
    expect(keptEnergy(spectrum, 12)).toBeCloseTo(1, 9);
    expect(keptEnergy(spectrum, 8)).toBeCloseTo(0.5, 9);
    expect(keptEnergy(spectrum, 3)).toBeCloseTo(0, 9);
  });

  it('of a flat image is black, and nothing of it is lost', () => {
    const flat = spectrumOf(new Float32Array(SIZE * SIZE).fill(0.3), SIZE);
    expect(keptEnergy(flat, 4)).toBeGreaterThanOrEqual(0);
    expect(keptEnergy(spectrumOf(new Float32Array(SIZE * SIZE), SIZE), 4)).toBe(1);
    expect(spectrumPicture(spectrumOf(new Float32Array(SIZE * SIZE), SIZE)).every((value) => value === 0)).toBe(true);
  });

  it('is brightest where it is strongest', () => {
    const picture = spectrumPicture(spectrumOf(wave(3, 5), SIZE));
    expect(picture[(16 + 3) * SIZE + 16 + 5]).toBe(255);
  });
});
