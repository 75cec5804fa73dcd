import { LEVELS, randomSign, type AugmentOp } from '../op';

const round15 = (value: number): number => Number(value.toFixed(15));

/** Rotates by up to 30 degrees about the centre (PIL Image.rotate). */
export const op: AugmentOp = {
  name: 'Rotate',
  argument: (level, rng) => randomSign(rng) * (level / LEVELS) * 30,
  step: (degrees, { width, height }) => {
    const turned = ((degrees % 360) + 360) % 360;
    if (turned === 0) return null;
    const angle = (-turned * Math.PI) / 180;
    const [cos, sin] = [round15(Math.cos(angle)), round15(Math.sin(angle))];
    const [x, y] = [width / 2, height / 2];
    return { kind: 'affine', matrix: [cos, sin, cos * -x + sin * -y + x, -sin, cos, -sin * -x + cos * -y + y] };
  },
};
