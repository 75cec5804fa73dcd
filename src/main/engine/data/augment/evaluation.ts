import type { Filter } from '../image/resize';
import { blank, crop, type Rgb } from '../image/rgb';
import { roundHalfEven } from '../image/round';
import { makeView, plainView } from './view';

/**
 * Applies timm's evaluation transform: the shorter side is resized to floor(size / crop_pct), then the centre is
 * cropped; smaller images are padded with black.
 */
export function evaluationView(image: Rgb, size: number, cropPct: number, filter: Filter, viewed = makeView): Rgb {
  const shorter = Math.floor(size / cropPct);
  const { width, height } = image;
  const [w, h] =
    width <= height
      ? [shorter, Math.trunc((shorter * height) / width)]
      : [Math.trunc((shorter * width) / height), shorter];
  const scaled = viewed(image, plainView(w, h, filter));
  return centreCrop(scaled, size);
}

/** Crops a central square as torchvision's center_crop does. */
export function centreCrop(image: Rgb, size: number): Rgb {
  const { width, height } = image;
  if (width >= size && height >= size)
    return crop(image, roundHalfEven((width - size) / 2), roundHalfEven((height - size) / 2), size, size);
  const padded = blank(Math.max(width, size), Math.max(height, size));
  const [left, top] = [Math.floor((padded.width - width) / 2), Math.floor((padded.height - height) / 2)];
  for (let row = 0; row < height; row++)
    padded.data.set(
      image.data.subarray(row * width * 3, (row + 1) * width * 3),
      ((top + row) * padded.width + left) * 3,
    );
  return centreCrop(padded, size);
}
