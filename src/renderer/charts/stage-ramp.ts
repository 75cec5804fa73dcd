/**
 * The colour of a stage shows its frequency: it is a continuous function of B / final size, from cool (low frequencies
 * only) to warm (all of them). Equal sides have equal colours in the editor, the shading of charts, tables and
 * thumbnails. Pure.
 */
import { rgbOf, type Rgb } from './readable';

/** Tokens of the ramp and their positions; between them colours are mixed in OKLab, as CSS's color-mix does. */
export const RAMP = [
  [0, '--stage-0'],
  [0.4, '--stage-1'],
  [0.6, '--stage-2'],
  [0.8, '--stage-3'],
  [1, '--stage-4'],
] as const;

interface Mix {
  from: string;
  to: string;
  /** Share of `to`. */
  part: number;
}

function mixAt(share: number): Mix {
  const at = Math.min(Math.max(share, 0), 1);
  const index = Math.max(
    RAMP.findIndex(([place]) => place >= at),
    1,
  );
  const [[low, from], [high, to]] = [RAMP[index - 1] as (typeof RAMP)[number], RAMP[index] as (typeof RAMP)[number]];
  return { from, to, part: (at - low) / (high - low) };
}

/** Returns the colour for a stylesheet, which follows the theme. @param share B / final size */
export function stageColour(share: number): string {
  const { from, to, part } = mixAt(share);
  return `color-mix(in oklab, var(${to}) ${Number((100 * part).toFixed(2))}%, var(${from}))`;
}

/** Returns the same colour as #rrggbb for a canvas. @param colour returns a token's value in the current theme */
export function stageHex(share: number, colour: (token: string) => string): string {
  const { from, to, part } = mixAt(share);
  const [low, high] = [oklab(rgbOf(colour(from))), oklab(rgbOf(colour(to)))];
  const [lightness, a, b] = low.map((value, at) => value + part * ((high[at] as number) - value)) as [
    number,
    number,
    number,
  ];
  return hex(fromOklab(lightness, a, b));
}

type Three = [number, number, number];

const linear = (value: number): number => {
  const share = value / 255;
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
};

const encoded = (value: number): number =>
  255 * (value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055);

/** Converts to OKLab (Björn Ottosson, "A perceptual color space for image processing", 2020). */
function oklab(colour: Rgb): Three {
  const [r, g, b] = colour.map(linear) as Three;
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

function fromOklab(lightness: number, a: number, b: number): Rgb {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    encoded(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    encoded(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    encoded(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}

const hex = (colour: Rgb): string =>
  `#${colour
    .map((value) =>
      Math.round(Math.min(Math.max(value, 0), 255))
        .toString(16)
        .padStart(2, '0'),
    )
    .join('')}`;
