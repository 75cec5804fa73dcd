/** Colours as they appear on the screen, and which text is readable on them (WCAG 2.2). Pure. */

export type Rgb = readonly [number, number, number];

/** Parses a colour. @param colour #rrggbb, or #rgb as in a minified stylesheet */
export function rgbOf(colour: string): Rgb {
  const digits = /^#([\da-f]{3}|[\da-f]{6})$/i.exec(colour)?.[1];
  if (!digits) throw new Error(`not a colour in hexadecimal digits: ${colour}`);
  const whole = digits.length === 3 ? digits.replaceAll(/./g, '$&$&') : digits;
  return [0, 2, 4].map((at) => parseInt(whole.slice(at, at + 2), 16)) as unknown as Rgb;
}

/** Blends `colour` over `ground`. */
export const blended = (colour: Rgb, ground: Rgb, alpha: number): Rgb =>
  colour.map((value, at) => alpha * value + (1 - alpha) * (ground[at] as number)) as unknown as Rgb;

function luminance(colour: Rgb): number {
  const [red, green, blue] = colour.map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as unknown as Rgb;
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

export function contrast(one: Rgb, other: Rgb): number {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

/** Returns black or white: one of them always has 4.5 : 1 on any background. */
export function readableOn(ground: Rgb): '#000000' | '#ffffff' {
  return contrast([0, 0, 0], ground) >= contrast([255, 255, 255], ground) ? '#000000' : '#ffffff';
}
