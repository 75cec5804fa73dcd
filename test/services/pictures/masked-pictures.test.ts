/** The drawings of masked images. */
import { describe, expect, it } from 'vitest';
import { blank, type Rgb } from '../../../src/main/engine/data/image/rgb';
import { combined, hatched, patchError, pixelError } from '../../../src/main/services/pictures/masked-pictures';

/** There are two by two patches of 4 px, of which the second and third are masked. */
const masked = { size: 8, patch: 4, mask: Uint8Array.of(0, 1, 1, 0) };
const image = blank(8, 8, [10, 20, 30]);
const prediction = new Uint8Array(8 * 8 * 3).fill(40);

const at = ({ data, width }: Rgb, x: number, y: number): number[] => [
  ...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3),
];

describe('a masked image', () => {
  it('is enlarged, with stripes where it was hidden and its own pixels elsewhere', () => {
    const drawn = hatched(image, masked);
    expect([drawn.width, drawn.height]).toEqual([224, 224]);
    expect([at(drawn, 0, 0), at(drawn, 111, 111), at(drawn, 223, 223)]).toEqual(Array(3).fill([10, 20, 30]));
    const hidden = new Set(Array.from({ length: 112 }, (_, x) => at(drawn, 112 + x, 0).join()));
    expect(hidden).toEqual(new Set(['190,190,190', '96,96,96']));
  });

  it('is completed by the prediction where it was hidden', () => {
    const whole = combined(image, prediction, masked);
    expect([at(whole, 0, 0), at(whole, 4, 0), at(whole, 3, 4), at(whole, 7, 7)]).toEqual([
      [10, 20, 30],
      [40, 40, 40],
      [40, 40, 40],
      [10, 20, 30],
    ]);
  });
});

describe('the error', () => {
  it('of pixels is the mean over channels, and only of what was hidden', () => {
    const error = pixelError(image, prediction, masked);
    // The error is (30 + 20 + 10) / 3 = 20; 85 is drawn as white.
    expect([error[0], error[4], error[8 * 4], error[63]]).toEqual([0, 60, 60, 0]);
  });

  it('of other targets is the mean over the numbers of a patch', () => {
    const wanted = Uint8Array.of(1, 1, 0, 0, 90, 0, 1, 1);
    const made = Uint8Array.of(200, 200, 20, 60, 0, 0, 200, 200);
    const error = patchError(wanted, made, masked);
    expect([error[0], error[4], error[8 * 4], error[63]]).toEqual([0, 120, 135, 0]);
  });
});
