"""Writes TIFF files of many layouts byte by byte, and their pixels by Pillow: python tiff.py > tiff.json

Every entry is {name: {file, width, height, rgb}} in base64. It needs pillow and numpy.
"""
import io
import struct
import zlib

import numpy as np
from PIL import Image

from golden import H, W, alpha, deep, on_white, photo, write

BYTE, ASCII, SHORT, LONG, UNDEFINED = 1, 2, 3, 4, 7
WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC, OFFSETS, SAMPLES, ROWS, COUNTS = 256, 257, 258, 259, 262, 273, 277, 278, 279
TILE_OFFSETS = 324


def directory(order, tags, at):
    """Returns a directory at offset `at` and, after it, the values to which its entries point. The link to the next
    directory is 0."""
    codes = {BYTE: 'B', ASCII: 'B', SHORT: 'H', LONG: 'I', UNDEFINED: 'B'}
    after = at + 2 + 12 * len(tags) + 4
    entries, data = b'', b''
    for tag, (kind, values) in sorted(tags.items()):
        body = struct.pack(f'{order}{len(values)}{codes[kind]}', *values)
        if len(body) <= 4:
            place = body.ljust(4, b'\0')
        else:
            data += b'\0' * (len(data) % 2)
            place = struct.pack(order + 'I', after + len(data))
            data += body
        entries += struct.pack(order + 'HHI', tag, kind, len(values)) + place
    return struct.pack(order + 'H', len(tags)) + entries + bytes(4) + data


def tiff(strips, size=(W, H), *, order='<', bits=(8,), photometric=1, rows=None, **more):
    """Returns a file of these strips (bytes). `more` are additional tags by number, as t_NUMBER=(kind, values)."""
    start = 8
    offsets, body = [], b''
    for strip in strips:
        offsets.append(start + len(body))
        body += strip + b'\0' * (len(strip) % 2)
    tags = {
        WIDTH: (LONG, [size[0]]), HEIGHT: (LONG, [size[1]]), BITS: (SHORT, list(bits)), COMPRESSION: (SHORT, [1]),
        PHOTOMETRIC: (SHORT, [photometric]), OFFSETS: (LONG, offsets), SAMPLES: (SHORT, [len(bits)]),
        ROWS: (LONG, [rows or size[1]]), COUNTS: (LONG, [len(strip) for strip in strips]),
    }
    tags.update({int(name[2:]): value for name, value in more.items() if value is not None})
    for name, value in more.items():
        if value is None:
            del tags[int(name[2:])]
    head = (b'II*\0' if order == '<' else b'MM\0*') + struct.pack(order + 'I', start + len(body))
    return head + body + directory(order, tags, start + len(body))


def plain(values, photometric, order='<', extra=None, **more):
    """Returns a file with one strip, from [H, W] or [H, W, samples]."""
    values = values[..., None] if values.ndim == 2 else values
    bits = (8 * values.dtype.itemsize,) * values.shape[2]
    body = values.astype(values.dtype.newbyteorder(order)).tobytes()
    if extra is not None:
        more['t_338'] = (SHORT, extra)
    return tiff([body], values.shape[1::-1], order=order, bits=bits, photometric=photometric, **more)


def planes(values, photometric, order='<', extra=None, **more):
    """Returns the same with one strip for each sample."""
    bits = (8 * values.dtype.itemsize,) * values.shape[2]
    strips = [np.ascontiguousarray(values[..., band]).astype(values.dtype.newbyteorder(order)).tobytes() for band in range(values.shape[2])]
    if extra is not None:
        more['t_338'] = (SHORT, extra)
    return tiff(strips, values.shape[1::-1], order=order, bits=bits, photometric=photometric, t_284=(SHORT, [2]), **more)


def packed(values, bits):
    """Packs [H, W] of small numbers in rows of whole bytes, with the first pixel in the highest bits."""
    spread = ((values[..., None] >> np.arange(bits - 1, -1, -1)) & 1).astype(np.uint8).reshape(values.shape[0], -1)
    return np.packbits(spread, axis=1).tobytes()


def small(bits, photometric, **more):
    return tiff([packed(photo[..., 0] >> (8 - bits), bits)], bits=(bits,), photometric=photometric, **more)


def colour_map(bits, scale=256):
    """Returns a colour map: red, green and blue of 2 ** bits entries."""
    count = 1 << bits
    ramps = [np.arange(count) * 255 // (count - 1), (np.arange(count) * 7 + 3) % 256, 255 - np.arange(count) * 255 // (count - 1)]
    return (SHORT, [int(value) * scale + (5 if scale > 1 else 0) for ramp in ramps for value in ramp])


def tiled(values, photometric, side=16):
    padded = np.pad(values, ((0, -values.shape[0] % side), (0, -values.shape[1] % side), (0, 0)))
    tiles = [padded[y:y + side, x:x + side].tobytes() for y in range(0, padded.shape[0], side) for x in range(0, padded.shape[1], side)]
    offsets, at = [], 8
    for tile in tiles:
        offsets.append(at)
        at += len(tile)
    return tiff(tiles, values.shape[1::-1], bits=(8,) * values.shape[2], photometric=photometric, t_273=None, t_278=None, t_279=None,
                t_322=(SHORT, [side]), t_323=(SHORT, [side]), t_324=(LONG, offsets), t_325=(LONG, [len(tile) for tile in tiles]))


def tiled_planes(values, photometric, side=16):
    """The tiles of one sample after those of the other."""
    padded = np.pad(values, ((0, -values.shape[0] % side), (0, -values.shape[1] % side), (0, 0)))
    tiles = [np.ascontiguousarray(padded[y:y + side, x:x + side, band]).tobytes()
             for band in range(values.shape[2]) for y in range(0, padded.shape[0], side) for x in range(0, padded.shape[1], side)]
    offsets = [8 + side * side * index for index in range(len(tiles))]
    return tiff(tiles, values.shape[1::-1], bits=(8,) * values.shape[2], photometric=photometric, t_273=None, t_278=None, t_279=None,
                t_284=(SHORT, [2]), t_322=(SHORT, [side]), t_323=(SHORT, [side]), t_324=(LONG, offsets), t_325=(LONG, [len(tile) for tile in tiles]))


def compressed(values, photometric, code, pack, **more):
    return tiff([pack(values.tobytes())], values.shape[1::-1], bits=(8 * values.dtype.itemsize,) * values.shape[2], photometric=photometric,
                t_259=(SHORT, [code]), **more)


def pages(*files):
    """Chains the directories of several little-endian files in one file."""
    out = bytearray()
    links = []
    for file in files:
        base = len(out)
        out += file
        (first,) = struct.unpack_from('<I', file, 4)
        count = struct.unpack_from('<H', file, first)[0]
        codes = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1}
        for index in range(count):
            at = first + 2 + 12 * index
            tag, kind, many = struct.unpack_from('<HHI', file, at)
            large = codes[kind] * many > 4
            if large:
                struct.pack_into('<I', out, base + at + 8, struct.unpack_from('<I', file, at + 8)[0] + base)
            if tag in (OFFSETS, TILE_OFFSETS):
                where = struct.unpack_from('<I', out, base + at + 8)[0] if large else base + at + 8
                for value in range(many):
                    (old,) = struct.unpack_from('<I', out, where + 4 * value)
                    struct.pack_into('<I', out, where + 4 * value, old + base)
        links.append((base + first, base + first + 2 + 12 * count))
    for (_, link), (target, _) in zip(links, links[1:]):
        struct.pack_into('<I', out, link, target)
    return bytes(out)


def pillow(image, **options):
    buffer = io.BytesIO()
    image.save(buffer, 'TIFF', **options)
    return buffer.getvalue()


wide = np.dstack([photo.astype(np.uint16) * 257 - (photo.astype(np.uint16) * 3) % 251, deep])
ink = np.asarray(Image.fromarray(photo).convert('CMYK')).copy()
ink[..., 3] = photo[..., 0] // 2
seven = np.dstack([alpha, 255 - photo])
premultiplied = alpha.copy()
premultiplied[..., :3] = alpha[..., :3].astype(int) * alpha[..., 3:] // 255
mean = photo.mean(-1).astype(np.uint8)

FILES = {
    **{f'{bits}-bit-{name}': small(bits, photometric) for bits in (1, 2, 4) for name, photometric in [('white-is-0', 0), ('black-is-0', 1)]},
    **{f'{bits}-bit-palette': small(bits, 3, t_320=colour_map(bits)) for bits in (1, 2, 4)},
    '8-bit-palette': plain(photo[..., 0], 3, t_320=colour_map(8)),
    '8-bit-palette-big-endian': plain(photo[..., 0], 3, '>', t_320=colour_map(8)),
    '8-bit-palette-small-map': plain(photo[..., 0], 3, t_320=colour_map(8, 1)),
    'palette-unspecified': plain(alpha[..., [0, 3]], 3, t_320=colour_map(8), extra=[0]),
    'palette-alpha': plain(alpha[..., [0, 3]], 3, t_320=colour_map(8), extra=[2]),
    'gray-white-is-0': plain(photo[..., 0], 0),
    'gray-big-endian': plain(photo[..., 0], 1, '>'),
    'gray-fill-order-2': plain(photo[..., 0], 1, t_266=(SHORT, [2])),
    '1-bit-fill-order-2': small(1, 1, t_266=(SHORT, [2])),
    'gray-unspecified': plain(alpha[..., [0, 3]], 1, extra=[0]),
    'gray-associated': plain(premultiplied[..., [0, 3]], 1, extra=[1]),
    'gray-alpha': plain(alpha[..., [0, 3]], 1, extra=[2]),
    'gray-two-no-extra': plain(alpha[..., [0, 3]], 1),
    'gray-three-unspecified': plain(photo, 1, extra=[0, 0]),
    'gray-16': plain(deep, 1),
    'gray-16-big-endian': plain(deep, 1, '>'),
    'gray-16-white-is-0': plain(deep, 0),
    'gray-16-alpha': plain(wide[..., [0, 3]], 1, extra=[2]),
    'gray-12': tiff([packed(deep >> 4, 12)], bits=(12,)),
    'gray-10': tiff([packed(deep >> 6, 10)], bits=(10,)),
    'gray-signed-8': plain(photo[..., 0].astype(np.int8), 1, t_339=(SHORT, [2])),
    'gray-signed-16': plain(deep.astype(np.int16), 1, t_339=(SHORT, [2])),
    'gray-signed-32': plain(deep.astype(np.int32), 1, t_339=(SHORT, [2])),
    'gray-32': plain(deep.astype(np.uint32), 1),
    'gray-64': plain(deep.astype(np.uint64), 1),
    'gray-float-16': plain(photo[..., 0].astype(np.float16), 1, t_339=(SHORT, [3])),
    'gray-float-32': plain(photo[..., 0].astype(np.float32), 1, t_339=(SHORT, [3])),
    'gray-float-64': plain(photo[..., 0].astype(np.float64), 1, t_339=(SHORT, [3])),
    'gray-void': plain(photo[..., 0], 1, t_339=(SHORT, [4])),
    'gray-complex': plain(deep.astype(np.uint32), 1, t_339=(SHORT, [5])),
    'rgb-big-endian': plain(photo, 2, '>'),
    'rgb-planes': planes(photo, 2),
    'rgb-planes-16': planes(wide[..., :3], 2),
    'rgb-strips': tiff([photo[row:row + 5].tobytes() for row in range(0, H, 5)], bits=(8,) * 3, photometric=2, rows=5),
    'rgb-tiles': tiled(photo, 2),
    'rgb-tiled-planes': tiled_planes(photo, 2),
    'rgb-deflate-predictor': compressed(np.diff(photo, axis=1, prepend=np.zeros((H, 1, 3), np.uint8)), 2, 8, zlib.compress, t_317=(SHORT, [2])),
    'rgb-adobe-deflate': compressed(photo, 2, 32946, zlib.compress),
    'rgb-packbits': pillow(Image.fromarray(photo), compression='packbits'),
    'rgb-lzw': pillow(Image.fromarray(photo), compression='tiff_lzw'),
    'rgb-jpeg': pillow(Image.fromarray(photo), compression='jpeg'),
    'gray-jpeg': pillow(Image.fromarray(mean), compression='jpeg'),
    'fax-3': pillow(Image.fromarray(photo[..., 0]).convert('1'), compression='group3'),
    'fax-4': pillow(Image.fromarray(photo[..., 0]).convert('1'), compression='group4'),
    'rgb-no-extra': plain(alpha, 2),
    'rgb-unspecified': plain(alpha, 2, extra=[0]),
    'rgb-unspecified-planes': planes(alpha, 2, extra=[0]),
    'rgb-unspecified-lzw': compressed(alpha, 2, 8, zlib.compress, t_338=(SHORT, [0])),
    'rgb-two-unspecified': plain(seven[..., :5], 2, extra=[0, 0]),
    'rgb-three-unspecified': plain(seven[..., :6], 2, extra=[0, 0, 0]),
    'rgb-four-unspecified': plain(seven[..., :7], 2, extra=[0, 0, 0, 0]),
    'rgb-associated': plain(premultiplied, 2, extra=[1]),
    'rgb-alpha': plain(alpha, 2, extra=[2]),
    'rgb-alpha-planes': planes(alpha, 2, extra=[2]),
    'rgb-alpha-unspecified': plain(seven[..., :5], 2, extra=[2, 0]),
    'rgb-unspecified-alpha': plain(seven[..., :5], 2, extra=[0, 2]),
    'rgb-associated-unspecified': plain(np.dstack([premultiplied, photo[..., :1]]), 2, extra=[1, 0]),
    'rgb-extra-999': plain(alpha, 2, extra=[999]),
    'rgb-16': plain(wide[..., :3], 2),
    'rgb-16-big-endian': plain(wide[..., :3], 2, '>'),
    'rgb-16-alpha': plain(wide, 2, extra=[2]),
    'rgb-16-no-extra': plain(wide, 2),
    'rgb-16-unspecified': plain(wide, 2, extra=[0]),
    'rgb-16-associated': plain(wide, 2, extra=[1]),
    'rgb-5-6-5': tiff([np.packbits(np.zeros((H, W * 16), np.uint8), axis=1).tobytes()], bits=(5, 6, 5), photometric=2),
    'rgb-signed': plain(photo.astype(np.int8), 2, t_339=(SHORT, [2] * 3)),
    'rgb-32': plain(wide[..., :3].astype(np.uint32), 2),
    'rgb-float-16': plain(photo.astype(np.float16), 2, t_339=(SHORT, [3] * 3)),
    'rgb-float-32': plain((photo / 255).astype(np.float32), 2, t_339=(SHORT, [3] * 3)),
    'rgb-float-64': plain(photo.astype(np.float64), 2, t_339=(SHORT, [3] * 3)),
    'ink': plain(ink, 5),
    'ink-planes': planes(ink, 5),
    'ink-unspecified': plain(np.dstack([ink, photo[..., :1]]), 5, extra=[0]),
    'ink-two-unspecified': plain(np.dstack([ink, photo[..., :2]]), 5, extra=[0, 0]),
    'ink-alpha': plain(np.dstack([ink, alpha[..., 3:]]), 5, extra=[2]),
    'ink-16': plain(np.dstack([wide[..., :3] // 2, deep // 4]), 5),
    'ink-16-big-endian': plain(np.dstack([wide[..., :3] // 2, deep // 4]), 5, '>'),
    'ink-other-set': plain(ink, 5, t_332=(SHORT, [2])),
    'ink-five': plain(np.dstack([ink, photo[..., :1]]), 5, t_334=(SHORT, [5]), t_332=(SHORT, [2])),
    'ink-three': plain(photo, 5),
    'ycbcr': plain(np.asarray(Image.fromarray(photo).convert('YCbCr')), 6, t_530=(SHORT, [1, 1])),
    'ycbcr-subsampled': tiff([bytes(W * H * 3 // 2)], bits=(8,) * 3, photometric=6, t_530=(SHORT, [2, 2])),
    'ycbcr-gray': plain(photo[..., 0], 6),
    'lab': plain(photo, 8),
    'lab-16': plain(wide[..., :3], 8),
    'icc-lab': plain(photo, 9),
    'mask': plain(photo[..., 0], 4),
    'logl': plain(deep, 32844),
    'colour-filter': plain(photo[..., 0], 32803),
    'linear-raw': plain(wide[..., :3], 34892),
    'digital-negative': plain(photo, 2, t_50706=(BYTE, [1, 4, 0, 0])),
    'photometric-77': plain(photo[..., 0], 77),
    'zstd': compressed(photo, 2, 50000, zlib.compress),
    'webp': compressed(photo, 2, 50001, zlib.compress),
    'lzma': compressed(photo, 2, 34925, zlib.compress),
    'jpeg-2000': compressed(photo, 2, 34712, zlib.compress),
    'lerc': compressed(photo, 2, 34887, zlib.compress),
    'jpeg-xl': compressed(photo, 2, 50002, zlib.compress),
    'old-jpeg': compressed(photo, 2, 6, zlib.compress),
    'compression-4711': compressed(photo, 2, 4711, zlib.compress),
    'rgb-jpeg-large': pillow(Image.fromarray(np.tile(photo, (5, 4, 1))), compression='jpeg', quality=60),
    'ink-jpeg': pillow(Image.fromarray(photo).convert('CMYK'), compression='jpeg', quality=70),
    'ink-junk-profile': plain(ink, 5, t_34675=(UNDEFINED, list(b'no profile ' * 20))),
    'no-bits': small(1, 1, t_258=None),
    'no-rows': plain(photo, 2, t_278=None),
    'no-photometric': plain(photo[..., 0], 1, t_262=None),
    'broken-inner-directory': plain(photo, 2, t_330=(LONG, [4_000_000])),
    'short-palette': plain(photo[..., 0], 3, t_320=(SHORT, [1, 2, 300])),
    'two-pages': pages(plain(photo, 2), plain(photo[::2, ::2, 0], 1)),
    **{f'orientation-{n}': plain(photo, 2, t_274=(SHORT, [n])) for n in range(1, 9)},
    'orientation-6-alpha': plain(alpha, 2, extra=[2], t_274=(SHORT, [6])),
    'orientation-0': plain(photo, 2, t_274=(SHORT, [0])),
}

# Pillow reads 16-bit planes as 8-bit ones, and can't read the others.
PIXELS = {
    'rgb-planes-16': (wide[..., :3] >> 8).astype(np.uint8),
    'rgb-unspecified-planes': photo,
    'gray-16-alpha': on_white((wide[..., [0, 0, 0, 3]] >> 8).astype(np.uint8)),
}

if __name__ == '__main__':
    write(FILES, PIXELS)
