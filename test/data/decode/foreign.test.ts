/** The refusal of a file in an unsupported format names its real type, whatever the file's name says. */
import { describe, expect, it } from 'vitest';
import { decodeImage, probeImage, UnusableImage } from '../../../src/main/engine/data/decode/decode';

const latin = (text: string): Buffer => Buffer.from(text, 'latin1');
const padded = (text: string): Buffer => Buffer.concat([latin(text), Buffer.alloc(400, 7)]);
const at = (offset: number, text: string): Buffer =>
  Buffer.concat([Buffer.alloc(offset, 1), latin(text), Buffer.alloc(100, 2)]);

async function verdict(bytes: Buffer): Promise<UnusableImage> {
  const [probed, decoded] = await Promise.all([
    probeImage(bytes).catch((error: unknown) => error),
    decodeImage(bytes).catch((error: unknown) => error),
  ]);
  expect(probed).toBeInstanceOf(UnusableImage);
  expect((decoded as UnusableImage).message).toBe((probed as UnusableImage).message);
  return probed as UnusableImage;
}

describe('pictures of formats that are not read', () => {
  it.each([
    ['HEIC', padded('\0\0\0\x18ftypheic\0\0\0\0mif1heic')],
    ['HEIF', padded('\0\0\0\x18ftypmif1\0\0\0\0')],
    ['AVIF', padded('\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf')],
    ['CR3', padded('\0\0\0\x18ftypcrx \0\0\0\x01')],
    ['JPEG XL', padded('\xff\x0a\xfa\x1f')],
    ['JPEG XL', padded('\0\0\0\x0cJXL \r\n\x87\n')],
    ['JPEG 2000', padded('\0\0\0\x0cjP  \r\n\x87\n')],
    ['JPEG 2000', padded('\xff\x4f\xff\x51')],
    ['BigTIFF', padded('II+\0\x08\0\0\0')],
    ['BigTIFF', padded('MM\0+\0\x08\0\0')],
    ['ORF', padded('IIRO\x08\0\0\0')],
    ['RW2', padded('IIU\0\x08\0\0\0')],
    ['RAF', padded('FUJIFILMCCD-RAW 0201')],
    ['Photoshop', padded('8BPS\0\x01')],
    ['ICO', padded('\0\0\x01\0\x01\0\x10\x10')],
    ['PDF', padded('%PDF-1.7\n')],
    ['SVG', latin('<?xml version="1.0"?>\n<!-- drawn -->\n<svg xmlns="http://www.w3.org/2000/svg"></svg>')],
    ['SVG', latin('<svg width="1"/>')],
    ['Netpbm', padded('P6\n2 2\n255\n')],
    ['OpenEXR', padded('\x76\x2f\x31\x01')],
    ['DICOM', at(128, 'DICM')],
    ['FITS', padded('SIMPLE  =                    T')],
    ['QOI', padded('qoif')],
  ])('%s', async (name, bytes) => {
    const { kind, message } = await verdict(bytes);
    expect(kind).toBe('unsupported');
    expect(message).toContain(name);
    expect(message).toContain('this is not read. Save it as an 8-bit JPEG or PNG');
  });
});

describe('what is no picture', () => {
  it.each([
    ['a web page', latin('<!DOCTYPE html>\n<html><head><title>403 Forbidden</title></head></html>')],
    ['a web page', latin('\xef\xbb\xbf\n<HTML><body>Not found</body>')],
    ['git lfs pull', latin('version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n')],
    ['JSON', latin('{"error": "quota exceeded"}')],
    ['XML', latin('<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>')],
    ['it is text', latin('hello, this is no image at all')],
    ['saved as text, which has lost its bytes', latin('\xef\xbf\xbd'.repeat(4) + '\0\x10JFIF')],
    ['saved as text, which has lost its bytes', padded('\xef\xbf\xbdPNG\r\n')],
    ['written as text in UTF-8', Buffer.from(padded('\xff\xd8\xff\xe0').toString('latin1'), 'utf8')],
    ['written as text in UTF-8', Buffer.from(padded('\x89PNG\r\n').toString('latin1'), 'utf8')],
    ['line ends were converted', padded('\x89PNG\r\r\n\x1a\r\n')],
    ['line ends were converted', padded('\x89PNG\n\x1a\n')],
    ['behind a byte order mark or blank lines', padded('\xef\xbb\xbf\xff\xd8\xff\xe0')],
    ['behind a byte order mark or blank lines', padded('\r\n\n\x89PNG\r\n\x1a\n')],
    ['(base64)', latin(Buffer.from(padded('\xff\xd8\xff\xe0\0\x10JFIF')).toString('base64'))],
    ['(base64)', latin(Buffer.from(padded('\x89PNG\r\n\x1a\n')).toString('base64'))],
    ['(base64)', latin(Buffer.from(padded('GIF89a')).toString('base64'))],
    ['(base64)', latin(Buffer.from(padded('RIFF\x10\0\0\0WEBPVP8 ')).toString('base64'))],
    ['(base64)', latin('data:image/png;base64,iVBO')],
    ['ZIP', padded('PK\x03\x04')],
    ['gzip', padded('\x1f\x8b\x08')],
    ['NumPy', padded('\x93NUMPY\x01\0')],
    ['HDF5', padded('\x89HDF\r\n\x1a\n')],
    ['MP4', padded('\0\0\0\x18ftypisom')],
    ['AVI', padded('RIFF\x10\0\0\0AVI LIST')],
    ['AppleDouble', padded('\0\x05\x16\x07\0\x02\0\0')],
    ['zeros', Buffer.alloc(5000)],
    ['none of JPEG, PNG, WebP, GIF, TIFF and BMP', Buffer.from([9, 200, 3, 129, 77, 255])],
  ])('%s', async (name, bytes) => {
    const { kind, message } = await verdict(bytes);
    expect(kind).toBe('not_an_image');
    expect(message).toContain('none of JPEG, PNG, WebP, GIF, TIFF and BMP');
    expect(message).toContain(name);
  });

  it('an empty file has no bytes', async () => expect((await verdict(Buffer.alloc(0))).kind).toBe('empty'));
});
