import { affine } from '../../image/affine';
import { LEVELS, randomSign, type AugmentOp } from '../op';

const round15 = (value: number): number => Number(value.toFixed(15));

/** Up to 30 degrees about the centre (PIL Image.rotate). */
export const op: AugmentOp = {
  name: 'Rotate',
  set: 'both',
  argument: (level, rng) => randomSign(rng) * (level / LEVELS) * 30,
  apply: (image, degrees, { filter, fill }) => {
    const turned = ((degrees % 360) + 360) % 360;
    if (turned === 0) return image;
    const angle = (-turned * Math.PI) / 180;
    const [cos, sin] = [round15(Math.cos(angle)), round15(Math.sin(angle))];
    const [x, y] = [image.width / 2, image.height / 2];
    return affine(image, [cos, sin, cos * -x + sin * -y + x, -sin, cos, -sin * -x + cos * -y + y], filter, fill);
  },
};
