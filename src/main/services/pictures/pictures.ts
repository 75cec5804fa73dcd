/** Encodes pixels as data URLs for the window. */
import sharp, { type Sharp } from 'sharp';
import type { Rgb } from '../../engine/data/image/rgb';

const png = async (image: Sharp): Promise<string> =>
  `data:image/png;base64,${(await image.png().toBuffer()).toString('base64')}`;

const limited = (image: Sharp, most: number): Sharp =>
  image.resize({ width: most, height: most, fit: 'inside', withoutEnlargement: true });

/** Encodes RGB. @param most longest side of the picture; smaller images keep every pixel */
export const rgbPicture = ({ data, width, height }: Rgb, most: number): Promise<string> =>
  png(limited(sharp(data, { raw: { width, height, channels: 3 } }), most));

export const greyPicture = (values: Uint8Array, size: number, most: number): Promise<string> =>
  png(limited(sharp(values, { raw: { width: size, height: size, channels: 1 } }), most));

/** Encodes a drawing that has a size of its own. */
export const svgPicture = (svg: string): Promise<string> => png(sharp(Buffer.from(svg)));
