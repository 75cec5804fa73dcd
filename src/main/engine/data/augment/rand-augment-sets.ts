/**
 * The ops that RandAugment draws from, by index. A draw is a number, so the order of a set decides what every recorded
 * run has seen: never reorder, shorten or extend a set. A new op belongs to a new set.
 */

/** timm's `_RAND_INCREASING_TRANSFORMS` (`inc1`): all ops grow stronger with the magnitude. */
export const INCREASING_SET = [
  'AutoContrast',
  'BrightnessIncreasing',
  'ColorIncreasing',
  'ContrastIncreasing',
  'Equalize',
  'Invert',
  'PosterizeIncreasing',
  'Rotate',
  'SharpnessIncreasing',
  'ShearX',
  'ShearY',
  'SolarizeAdd',
  'SolarizeIncreasing',
  'TranslateXRel',
  'TranslateYRel',
] as const;

/** timm's `_RAND_TRANSFORMS` (`inc0`). */
export const PLAIN_SET = [
  'AutoContrast',
  'Brightness',
  'Color',
  'Contrast',
  'Equalize',
  'Invert',
  'Posterize',
  'Rotate',
  'Sharpness',
  'ShearX',
  'ShearY',
  'Solarize',
  'SolarizeAdd',
  'TranslateXRel',
  'TranslateYRel',
] as const;
