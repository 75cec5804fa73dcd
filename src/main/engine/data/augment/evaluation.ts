import { resize, type Filter } from '../image/resize';
import { blank, crop, type Rgb } from '../image/rgb';

/** timm's evaluation transform: shorter side to floor(size / crop_pct), then the centre; smaller images are padded with black. */
export function evaluationView(image: Rgb, size: number, cropPct: number, filter: Filter): Rgb {
  const shorter = Math.floor(size / cropPct);
  const { width, height } = image;
  const [w, h] = width <= height ? [shorter, Math.trunc((shorter * height) / width)] : [Math.trunc((shorter * width) / height), shorter];
  const scaled = resize(image, w, h, filter);
  return centreCrop(scaled, size);
}

function centreCrop(image: Rgb, size: number): Rgb {
  const { width, height } = image;
  if (width >= size && height >= size) return crop(image, halfEven((width - size) / 2), halfEven((height - size) / 2), size, size);
  const padded = blank(Math.max(width, size), Math.max(height, size));
  const [left, top] = [Math.floor((padded.width - width) / 2), Math.floor((padded.height - height) / 2)];
  for (let row = 0; row < height; row++) padded.data.set(image.data.subarray(row * width * 3, (row + 1) * width * 3), ((top + row) * padded.width + left) * 3);
  return centreCrop(padded, size);
}

/** Python's round: torchvision places the crop with it. */
function halfEven(value: number): number {
  const down = Math.floor(value);
  return value - down === 0.5 ? down + (down % 2) : Math.round(value);
}
