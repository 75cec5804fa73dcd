/** Finds the meaning of a TIFF file's samples from its tags, and refuses unsupported variants (docs/data.md). */
import { TAG, TiffDirectory } from './tiff-tags';
import { unsupported, UnusableImage } from './unusable-image';

export interface TiffLayout {
  /** The file in the form that the image library gets. */
  plain: Buffer;
  ink: boolean;
  /** Whether a sample has 16 bits. */
  deep: boolean;
  /** Number of samples after those of colour. The first of them may be alpha, the others are left out. */
  extras: number;
  alpha: boolean;
  /** Whether the colour has been multiplied by alpha. */
  associated: boolean;
  /** EXIF orientation, 1..8. */
  orientation: number;
}

/** Compressions that libtiff reads in the build that comes with the image library. */
const COMPRESSIONS = new Set([1, 2, 3, 4, 5, 7, 8, 32946, 32773]);
const OTHER_COMPRESSIONS = new Map([
  [6, 'old-style JPEG'],
  [32771, 'word-aligned fax'],
  [32766, 'NeXT'],
  [32809, 'ThunderScan'],
  [34661, 'JBIG'],
  [34676, 'SGI logarithmic'],
  [34677, 'SGI logarithmic'],
  [33003, 'JPEG 2000'],
  [33004, 'JPEG 2000'],
  [33005, 'JPEG 2000'],
  [34712, 'JPEG 2000'],
  [34887, 'LERC'],
  [34892, 'lossy JPEG of a raw photograph'],
  [34925, 'LZMA'],
  [50000, 'zstd'],
  [50001, 'WebP'],
  [50002, 'JPEG XL'],
  [52546, 'JPEG XL'],
]);
/** Compressions of cameras: Sony, Samsung, Nikon, Pentax. */
const RAW_COMPRESSIONS = [32767, 32769, 32770, 34713, 65535];
const [WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, PALETTE, MASK, SEPARATED, YCBCR] = [0, 1, 2, 3, 4, 5, 6];
const [FILTER_ARRAY, LINEAR_RAW] = [32803, 34892];
const OTHER_PHOTOMETRICS = new Map([
  [MASK, 'a transparency mask'],
  [8, 'CIE L*a*b* colour'],
  [9, 'ICC L*a*b* colour'],
  [10, 'ITU L*a*b* colour'],
  [32844, 'logarithmic luminance'],
  [32845, 'logarithmic colour'],
  [51177, 'a depth map'],
  [52527, 'a semantic mask'],
]);
/** The image library reads YCbCr as RGB where it is not JPEG. */
const JPEG = 7;
/** Planar configuration: a plane for each sample. */
const SEPARATE = 2;
const [UNSPECIFIED, ASSOCIATED, UNASSOCIATED, COREL_ALPHA] = [0, 1, 2, 999];
const EXTRAS = [UNSPECIFIED, ASSOCIATED, UNASSOCIATED, COREL_ALPHA];
/** Largest number of channels of the image library. */
const MOST_CHANNELS = 5;

/** Reads the layout. @throws UnusableImage for what has no rule */
export function tiffLayout(bytes: Buffer): TiffLayout {
  const directory = new TiffDirectory(bytes);
  refuseRaw(directory, bytes);
  refuseCompression(directory);
  const samples = directory.value(TAG.samples, 1);
  // The image library reads planes of strips only.
  if (samples > 1 && directory.value(TAG.planes, 1) === SEPARATE && directory.has(TAG.tileWidth))
    throw unsupported('Its TIFF data has a plane of tiles for each channel');
  const bits = bitsOf(directory, samples);
  const photometric = directory.value(TAG.photometric, -1);
  const colours = coloursOf(directory, photometric, bits);
  const extras = extrasOf(directory, photometric, samples, colours);
  const orientation = directory.value(TAG.orientation, 1);
  const turned = orientation >= 1 && orientation <= 8;
  // The library would divide by alpha with roundings of its own, and it refuses an invalid orientation.
  let plain = extras.associated ? directory.withNumber(TAG.extraSamples, UNSPECIFIED) : bytes;
  if (!turned) plain = new TiffDirectory(plain).withNumber(TAG.orientation, 1);
  return { plain, ink: photometric === SEPARATED, deep: bits === 16, ...extras, orientation: turned ? orientation : 1 };
}

function refuseRaw(directory: TiffDirectory, bytes: Buffer): void {
  const raw = unsupported('It is a raw photograph of a camera in TIFF form');
  if (directory.has(TAG.dngVersion)) throw unsupported('It is a raw photograph (DNG)');
  if (bytes.toString('latin1', 8, 10) === 'CR') throw unsupported('It is a raw photograph (CR2)');
  if (RAW_COMPRESSIONS.includes(directory.value(TAG.compression, 1))) throw raw;
  const inner = directory.values(TAG.subDirectories).map((at) => innerPhotometric(bytes, at));
  if ([directory.value(TAG.photometric, -1), ...inner].some((one) => one === FILTER_ARRAY || one === LINEAR_RAW))
    throw raw;
}

/**
 * Returns the inner photometric interpretation, or -1 where it is missing or the inner directory is not complete: the
 * picture itself may still be readable.
 */
function innerPhotometric(bytes: Buffer, at: number): number {
  try {
    return new TiffDirectory(bytes, at).value(TAG.photometric, -1);
  } catch (error) {
    if (error instanceof UnusableImage) return -1;
    throw error;
  }
}

function refuseCompression(directory: TiffDirectory): void {
  const code = directory.value(TAG.compression, 1);
  if (COMPRESSIONS.has(code)) return;
  throw unsupported(`Its TIFF data has compression ${OTHER_COMPRESSIONS.get(code) ?? code}`);
}

/**
 * Returns the bits of every sample. @throws UnusableImage where they are not unsigned whole numbers of one usual size
 */
function bitsOf(directory: TiffDirectory, samples: number): number {
  const bits = directory.values(TAG.bits);
  const formats = directory.values(TAG.sampleFormat);
  const depth = bits[0] ?? 1;
  const numbers = { 2: 'signed whole numbers', 3: 'real numbers (floating point)', 4: 'numbers of an undefined kind' };
  const other = formats.find((format) => format !== 1);
  if (other !== undefined) {
    const name = numbers[other as keyof typeof numbers] ?? 'complex numbers';
    throw unsupported(`Its TIFF samples are ${depth}-bit ${name} without a stated black and white`);
  }
  if (bits.length > 1 && bits.some((each) => each !== depth))
    throw unsupported(`Its TIFF samples have different sizes (${bits.slice(0, samples).join(', ')} bits)`);
  if (![1, 2, 4, 8, 16].includes(depth)) throw unsupported(`Its TIFF samples have ${depth} bits`);
  return depth;
}

/** Returns how many samples are colour. */
function coloursOf(directory: TiffDirectory, photometric: number, bits: number): number {
  const refuseSmall = (name: string): void => {
    if (bits < 8) throw unsupported(`Its TIFF data is ${name} of ${bits} bits a sample`);
  };
  switch (photometric) {
    case WHITE_IS_ZERO:
      // Pillow reads such values as black-is-zero, libtiff inverts them.
      if (bits === 16)
        throw unsupported('Its TIFF data is 16-bit gray with white as 0, which programs show as negative or positive');
      return 1;
    case BLACK_IS_ZERO:
      return 1;
    case RGB:
      refuseSmall('RGB');
      return 3;
    case PALETTE:
      checkPalette(directory, bits);
      return 1;
    case SEPARATED:
      refuseSmall('CMYK');
      if (directory.value(TAG.inkSet, 1) !== 1) throw unsupported('Its TIFF data is of inks other than CMYK');
      return 4;
    case YCBCR:
      if (directory.value(TAG.compression, 1) !== JPEG)
        throw unsupported('Its TIFF data is YCbCr without JPEG compression');
      return 3;
    case -1:
      throw unsupported('Its TIFF data does not say what its values mean (no photometric interpretation)');
    default:
      throw unsupported(
        `Its TIFF data is ${OTHER_PHOTOMETRICS.get(photometric) ?? `of photometric interpretation ${photometric}`}`,
      );
  }
}

function checkPalette(directory: TiffDirectory, bits: number): void {
  if (bits > 8) throw unsupported('Its TIFF data is a palette of 16 bits');
  const map = directory.values(TAG.colourMap);
  if (map.length < 3 << bits) throw unsupported('Its TIFF palette lacks colours');
  // A map of 16-bit numbers would be black by TIFF's rule; one of 8 bits, as old programs wrote it, would not.
  if (map.some((value) => value > 0) && map.every((value) => value < 256))
    throw unsupported('Its TIFF palette holds numbers below 256 only, which programs show as black or as colours');
}

function extrasOf(
  directory: TiffDirectory,
  photometric: number,
  samples: number,
  colours: number,
): Pick<TiffLayout, 'extras' | 'alpha' | 'associated'> {
  const stored = directory.values(TAG.extraSamples);
  // RGB with a fourth sample of unstated meaning: it is alpha, as in Pillow.
  const extras = stored.length === 0 && photometric === RGB && samples === 4 ? [UNASSOCIATED] : stored;
  const isPalette = photometric === PALETTE;
  const most = colours === 1 ? 1 : MOST_CHANNELS - colours;
  if (samples !== colours + extras.length || extras.length > most)
    throw unsupported(
      `Its TIFF data has ${samples} samples a pixel, of which ${colours === 1 ? 'one is' : `${colours} are`} colour`,
    );
  const [first = UNSPECIFIED, ...rest] = extras;
  const other = [...rest.filter((extra) => extra !== UNSPECIFIED), ...(EXTRAS.includes(first) ? [] : [first])];
  if (other.length) throw unsupported(`Its TIFF data has an extra sample of kind ${other[0]} where none is expected`);
  if (first !== UNSPECIFIED && photometric === SEPARATED) throw unsupported('Its TIFF data is CMYK with alpha');
  if (isPalette && first === ASSOCIATED) throw unsupported('Its TIFF data is a palette with alpha multiplied in');
  return { extras: extras.length, alpha: first !== UNSPECIFIED, associated: first === ASSOCIATED };
}
