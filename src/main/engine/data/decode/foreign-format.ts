/**
 * Names the format of a file that is no image, or of none of the formats that are read, by its first bytes and whatever
 * its name says.
 */
import { UnusableImage, unsupported } from './unusable-image';

/** Text at an offset, as latin1. */
type Sign = readonly [at: number, text: string];

interface Foreign {
  /** Name with its article. */
  name: string;
  signs: readonly Sign[];
}

/** Image formats that are not read. Longer signatures come before shorter ones. */
const PICTURES: readonly Foreign[] = [
  { name: 'a raw photograph (CR3)', signs: [[4, 'ftypcrx']] },
  ...['avif', 'avis'].map((brand): Foreign => ({ name: 'an AVIF picture', signs: [[4, `ftyp${brand}`]] })),
  ...['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'hevm', 'hevs'].map((brand): Foreign => ({
    name: 'a HEIC picture',
    signs: [[4, `ftyp${brand}`]],
  })),
  ...['mif1', 'msf1', 'mif2', 'miaf'].map((brand): Foreign => ({
    name: 'a HEIF picture',
    signs: [[4, `ftyp${brand}`]],
  })),
  { name: 'a JPEG XL picture', signs: [[0, '\xff\x0a']] },
  { name: 'a JPEG XL picture', signs: [[0, '\0\0\0\x0cJXL \r\n\x87\n']] },
  { name: 'a JPEG 2000 picture', signs: [[0, '\0\0\0\x0cjP  \r\n\x87\n']] },
  { name: 'a JPEG 2000 picture', signs: [[0, '\xff\x4f\xff\x51']] },
  { name: 'a JPEG XR picture', signs: [[0, 'II\xbc']] },
  { name: 'a BigTIFF', signs: [[0, 'II+\0']] },
  { name: 'a BigTIFF', signs: [[0, 'MM\0+']] },
  { name: 'a raw photograph (ORF)', signs: [[0, 'IIRO']] },
  { name: 'a raw photograph (ORF)', signs: [[0, 'IIRS']] },
  { name: 'a raw photograph (ORF)', signs: [[0, 'MMOR']] },
  { name: 'a raw photograph (RW2)', signs: [[0, 'IIU\0']] },
  { name: 'a raw photograph (RAF)', signs: [[0, 'FUJIFILMCCD-RAW']] },
  { name: 'a raw photograph (X3F)', signs: [[0, 'FOVb']] },
  { name: 'a raw photograph (MRW)', signs: [[0, '\0MRM']] },
  { name: 'a Photoshop document', signs: [[0, '8BPS']] },
  { name: 'a GIMP document', signs: [[0, 'gimp xcf']] },
  { name: 'an icon (ICO)', signs: [[0, '\0\0\x01\0']] },
  { name: 'a cursor (CUR)', signs: [[0, '\0\0\x02\0']] },
  { name: 'an icon (ICNS)', signs: [[0, 'icns']] },
  { name: 'a MNG animation', signs: [[0, '\x8aMNG']] },
  { name: 'a JNG picture', signs: [[0, '\x8bJNG']] },
  { name: 'an OpenEXR picture', signs: [[0, '\x76\x2f\x31\x01']] },
  { name: 'a Radiance HDR picture', signs: [[0, '#?RADIANCE']] },
  { name: 'a Radiance HDR picture', signs: [[0, '#?RGBE']] },
  { name: 'a DDS texture', signs: [[0, 'DDS ']] },
  { name: 'a QOI picture', signs: [[0, 'qoif']] },
  { name: 'a FLIF picture', signs: [[0, 'FLIF']] },
  { name: 'a DjVu document', signs: [[0, 'AT&TFORM']] },
  { name: 'a DICOM file', signs: [[128, 'DICM']] },
  { name: 'a FITS file', signs: [[0, 'SIMPLE  =']] },
  { name: 'a Sun raster picture', signs: [[0, '\x59\xa6\x6a\x95']] },
  { name: 'an SGI picture', signs: [[0, '\x01\xda\0\x01']] },
  { name: 'an SGI picture', signs: [[0, '\x01\xda\x01\x01']] },
  { name: 'a PCX picture', signs: [[0, '\x0a\x05\x01']] },
  {
    name: 'an array of OS/2 bitmaps',
    signs: [
      [0, 'BA'],
      [14, 'BM'],
    ],
  },
  {
    name: 'an EMF drawing',
    signs: [
      [0, '\x01\0\0\0'],
      [40, ' EMF'],
    ],
  },
  { name: 'a WMF drawing', signs: [[0, '\xd7\xcd\xc6\x9a']] },
  { name: 'a PDF document', signs: [[0, '%PDF-']] },
  { name: 'a PostScript document', signs: [[0, '%!PS']] },
  { name: 'a PostScript document', signs: [[0, '\xc5\xd0\xd3\xc6']] },
];

/** What text conversions leave of an image: its first bytes as they come out of each. */
const CONVERTED: readonly Foreign[] = [
  ...['\xef\xbf\xbd'.repeat(3), '\xef\xbf\xbdPNG'].map((start): Foreign => ({
    name: 'an image that was saved as text, which has lost its bytes: download or copy it again, as binary',
    signs: [[0, start]],
  })),
  ...['\xc3\xbf\xc3\x98\xc3\xbf', '\xc2\x89PNG'].map((start): Foreign => ({
    name: 'an image whose bytes were written as text in UTF-8: download or copy it again, as binary',
    signs: [[0, start]],
  })),
  ...['\x89PNG\r\r\n', '\x89PNG\n\x1a'].map((start): Foreign => ({
    name: 'a PNG whose line ends were converted like those of text: copy it again, as binary',
    signs: [[0, start]],
  })),
];

const OTHERS: readonly Foreign[] = [
  {
    name: 'a pointer of Git LFS, not the file itself: run "git lfs pull" in its repository',
    signs: [[0, 'version https://git-lfs']],
  },
  { name: 'a ZIP archive', signs: [[0, 'PK\x03\x04']] },
  { name: 'an empty ZIP archive', signs: [[0, 'PK\x05\x06']] },
  { name: 'a gzip archive', signs: [[0, '\x1f\x8b']] },
  { name: 'a bzip2 archive', signs: [[0, 'BZh']] },
  { name: 'an xz archive', signs: [[0, '\xfd7zXZ\0']] },
  { name: 'a zstd archive', signs: [[0, '\x28\xb5\x2f\xfd']] },
  { name: 'a RAR archive', signs: [[0, 'Rar!\x1a\x07']] },
  { name: 'a 7z archive', signs: [[0, "7z\xbc\xaf'\x1c"]] },
  { name: 'a tar archive', signs: [[257, 'ustar']] },
  { name: 'a NumPy array', signs: [[0, '\x93NUMPY']] },
  { name: 'an HDF5 file', signs: [[0, '\x89HDF\r\n\x1a\n']] },
  { name: 'an SQLite database', signs: [[0, 'SQLite format 3\0']] },
  { name: 'an Office or thumbnail document', signs: [[0, '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1']] },
  { name: 'an AppleDouble file, which macOS keeps beside the image', signs: [[0, '\0\x05\x16\x07']] },
  {
    name: 'a video (AVI)',
    signs: [
      [0, 'RIFF'],
      [8, 'AVI '],
    ],
  },
  {
    name: 'a sound (WAV)',
    signs: [
      [0, 'RIFF'],
      [8, 'WAVE'],
    ],
  },
  { name: 'a video (Matroska or WebM)', signs: [[0, '\x1a\x45\xdf\xa3']] },
  { name: 'a video (MP4 or QuickTime)', signs: [[4, 'ftyp']] },
  { name: 'a video (QuickTime)', signs: [[4, 'moov']] },
  { name: 'a program', signs: [[0, '\x7fELF']] },
  { name: 'a program', signs: [[0, 'MZ']] },
];

/** Returns the reason for a file of an unsupported format. */
export function foreignFormat(bytes: Buffer): UnusableImage {
  const head = bytes.toString('latin1', 0, 1024);
  const named = (list: readonly Foreign[]): string | undefined =>
    list.find(({ signs }) => signs.every(([at, text]) => head.startsWith(text, at)))?.name;
  const picture = named(PICTURES) ?? textPicture(head);
  if (picture) return unsupported(`It is ${picture}`);
  const other = named(CONVERTED) ?? named(OTHERS) ?? displaced(head) ?? text(bytes.subarray(0, 1024));
  const end = other
    ? `it is ${other}`
    : bytes.subarray(0, 4096).every((byte) => byte === 0)
      ? 'it begins with zeros only'
      : null;
  const formats = 'none of JPEG, PNG, WebP, GIF, TIFF and BMP';
  return new UnusableImage('not_an_image', `Its content is ${formats}${end ? `; ${end}` : ''}.`);
}

/** Recognises formats that are text. */
function textPicture(head: string): string | null {
  if (/^P[1-7][\s#]/.test(head)) return 'a Netpbm picture (PBM, PGM, PPM)';
  if (/^P[fF]\s/.test(head)) return 'a floating-point map (PFM)';
  if (/^(\xef\xbb\xbf)?\s*(<\?xml[^>]*>\s*|<!--[^]*?-->\s*|<!DOCTYPE svg[^>]*>\s*)*<svg[\s>]/i.test(head))
    return 'an SVG drawing';
  if (/#define \w+_width \d+/.test(head)) return 'an X bitmap';
  if (head.startsWith('/* XPM */')) return 'an X pixmap';
  return null;
}

/** Recognises an image that begins behind other bytes, or that is written out as text. */
function displaced(head: string): string | null {
  if (/^(\xef\xbb\xbf|\s)+(\xff\xd8\xff|\x89PNG\r|GIF8[79]a|RIFF[^]{4}WEBP)/.test(head))
    return 'an image behind a byte order mark or blank lines, as a faulty script on a server sends it';
  if (/^\s*(data:image\/|\/9j\/[+/\w]{4}|iVBORw0KGgo|R0lGOD[dl]h|UklGR[+/\w]{6}XRUJQ)/.test(head))
    return 'an image written as text (base64), which has to be decoded first';
  return null;
}

function text(head: Buffer): string | null {
  const words = head.toString('latin1');
  if (/^(\xef\xbb\xbf)?\s*(<!--[^]*?-->\s*)?<(!doctype html|html|head|body)/i.test(words))
    return 'a web page, such as a server sends in place of a file that it refuses';
  if (/^(\xef\xbb\xbf)?\s*<\?xml/.test(words)) return 'an XML document';
  if (/^\s*[{[]/.test(words) && /^[\s\S]*["\]}]/.test(words) && isText(head)) return 'JSON or other text';
  return isText(head) ? 'text' : null;
}

/** Says whether all of it is printable, in UTF-8 or in an encoding of single bytes. */
const isText = (head: Buffer): boolean => head.every((byte) => byte >= 32 || (byte >= 9 && byte <= 13));
