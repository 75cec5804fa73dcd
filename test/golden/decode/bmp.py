"""Writes BMP files of many layouts byte by byte, and their pixels by Pillow: python bmp.py > bmp.json"""
import struct

import numpy as np

from golden import H, W, alpha, photo, write

NONE, RLE8, RLE4, FIELDS, JPEG, PNG, ALPHA_FIELDS = 0, 1, 2, 3, 4, 5, 6
RGB565, RGB555 = (0xF800, 0x7E0, 0x1F), (0x7C00, 0x3E0, 0x1F)
palette16 = bytes(value for index in range(16) for value in (index * 17, 255 - index * 16, (index * 40) % 256, 0))
gray256 = bytes(value for index in range(256) for value in (index, index, index, 0))


def rows(values, dtype):
    """Returns the bytes of [H, W] integers: the bottom row comes first, and each row is padded to four bytes."""
    lines = [line.astype(dtype).tobytes() for line in values[::-1]]
    return b''.join(line.ljust(-(-len(line) // 4) * 4, b'\0') for line in lines)


def bits(values, width):
    spread = ((values[..., None] >> np.arange(width - 1, -1, -1)) & 1).astype(np.uint8).reshape(values.shape[0], -1)
    return rows(np.packbits(spread, axis=1), np.uint8)


def bmp(body, depth, *, header=40, compression=NONE, masks=None, palette=b'', colours=0, size=(W, H), gap=0, tail=b''):
    """Returns a BMP file. `masks` are in the header where it has room, and after it elsewhere."""
    if header == 12:
        info = struct.pack('<IHHHH', 12, size[0], size[1], 1, depth)
    else:
        info = struct.pack('<IiiHHIIiiII', header, size[0], size[1], 1, depth, compression, len(body), 2835, 2835, colours, 0)
        inside = header - 40
        fields = struct.pack(f'<{len(masks)}I', *masks) if masks else b''
        info += fields if inside == 0 else fields.ljust(inside, b'\0')
    start = 14 + len(info) + len(palette) + gap
    return b'BM' + struct.pack('<IHHI', start + len(body), 0, 0, start) + info + palette + bytes(gap) + body + tail


def packed(order, masks):
    """Returns the alpha picture as 32-bit values, with each channel in its mask's bits."""
    out = np.zeros((H, W), np.uint32)
    for channel, mask in zip(order, masks):
        if mask:
            shift = (mask & -mask).bit_length() - 1
            out |= alpha[..., channel].astype(np.uint32) << shift
    return rows(out, '<u4')


def fields32(red, green, blue, share, header=124, compression=FIELDS):
    masks = (red, green, blue, share)
    return bmp(packed((0, 1, 2, 3), masks), 32, header=header, compression=compression, masks=masks)


def short(masks):
    widths = [mask.bit_count() for mask in masks]
    out = np.zeros((H, W), np.uint32)
    for channel, (mask, width) in enumerate(zip(masks, widths)):
        shift = (mask & -mask).bit_length() - 1
        out |= (photo[..., channel].astype(np.uint32) >> (8 - width)) << shift
    return rows(out, '<u2')


# Every value of each channel of 16-bit pixels occurs.
values = np.arange(64, dtype=np.uint32)
every565 = (values % 32 << 11 | values << 5 | (values * 7 + 5) % 32)[None]
every555 = (values % 32 << 10 | (values * 3 + 1) % 32 << 5 | (values * 7 + 5) % 32)[None]
index4 = photo[..., 0] >> 4
index8 = photo[..., 0]
BGRA = (0xFF0000, 0xFF00, 0xFF, 0xFF000000)
# The code has encoded and absolute runs, a short line, a jump, and an end before the last rows.
RLE8_BODY = bytes([14, 3, 0, 0, 5, 1, 0, 3, 9, 8, 7, 0, 2, 6, 0, 0, 3, 2, 0, 2, 4, 2, 4, 5, 0, 0, 14, 15, 0, 0, 2, 1, 0, 1])
RLE8_FULL = b''.join(bytes([value for x in line for value in (1, int(x))]) + b'\0\0' for line in index4[::-1]) + b'\0\1'
RLE4_BODY = bytes([14, 0x3A, 0, 0, 5, 0x1F, 0, 5, 0x98, 0x76, 0x50, 0, 0, 0, 3, 0x20, 0, 2, 4, 2, 4, 0x55, 0, 0, 14, 0xF1, 0, 1])

FILES = {
    '24': bmp(rows(photo[..., ::-1].reshape(H, -1), np.uint8), 24),
    '24-top-down': bmp(rows(photo[::-1, :, ::-1].reshape(H, -1), np.uint8), 24, size=(W, -H)),
    '24-os2': bmp(rows(photo[..., ::-1].reshape(H, -1), np.uint8), 24, header=12),
    '24-os2-version-2': bmp(rows(photo[..., ::-1].reshape(H, -1), np.uint8), 24, header=64),
    '24-gap': bmp(rows(photo[..., ::-1].reshape(H, -1), np.uint8), 24, gap=10),
    '24-no-last-padding': bmp(rows(photo[..., ::-1].reshape(H, -1), np.uint8)[:-2], 24),
    '24-more-after': bmp(rows(photo[..., ::-1].reshape(H, -1), np.uint8), 24, tail=b'more'),
    '24-version-5': bmp(rows(photo[..., ::-1].reshape(H, -1), np.uint8), 24, header=124),
    '32': bmp(rows(alpha[..., [2, 1, 0, 3]].reshape(H, -1), np.uint8), 32),
    '32-version-5-no-fields': bmp(rows(alpha[..., [2, 1, 0, 3]].reshape(H, -1), np.uint8), 32, header=124, masks=BGRA),
    '32-fields': bmp(packed((0, 1, 2, 3), BGRA[:3]), 32, compression=FIELDS, masks=BGRA[:3]),
    '32-fields-version-2': bmp(packed((0, 1, 2, 3), BGRA[:3]), 32, header=52, compression=FIELDS, masks=BGRA[:3]),
    **{f'32-alpha-version-{version}': fields32(*BGRA, header=header) for version, header in [(3, 56), (4, 108), (5, 124)]},
    '32-no-alpha-version-4': fields32(*BGRA[:3], 0, header=108),
    '32-xbgr': fields32(0xFF000000, 0xFF0000, 0xFF00, 0),
    '32-bgxr': fields32(0xFF000000, 0xFF00, 0xFF, 0),
    '32-abgr': fields32(0xFF000000, 0xFF0000, 0xFF00, 0xFF),
    '32-rgba': fields32(0xFF, 0xFF00, 0xFF0000, 0xFF000000),
    '32-bgar': fields32(0xFF000000, 0xFF00, 0xFF, 0xFF0000),
    '32-zero-masks': bmp(rows(alpha[..., [2, 1, 0, 3]].reshape(H, -1), np.uint8), 32, header=124, compression=FIELDS, masks=(0, 0, 0, 0)),
    '32-rgbx': fields32(0xFF, 0xFF00, 0xFF0000, 0),
    '32-ten-bits': fields32(0x3FF00000, 0xFFC00, 0x3FF, 0),
    '32-alpha-fields': bmp(packed((0, 1, 2, 3), BGRA), 32, compression=ALPHA_FIELDS, masks=BGRA),
    '24-fields': bmp(rows(photo[..., ::-1].reshape(H, -1), np.uint8), 24, header=124, compression=FIELDS, masks=BGRA[:3]),
    '16': bmp(short(RGB555), 16),
    '16-every': bmp(rows(every555, '<u2'), 16, size=(64, 1)),
    '16-5-6-5-every': bmp(rows(every565, '<u2'), 16, compression=FIELDS, masks=RGB565, size=(64, 1)),
    '16-5-6-5': bmp(short(RGB565), 16, compression=FIELDS, masks=RGB565),
    '16-5-6-5-version-5': bmp(short(RGB565), 16, header=124, compression=FIELDS, masks=RGB565),
    '16-5-5-5-fields': bmp(short(RGB555), 16, compression=FIELDS, masks=RGB555),
    '16-1-5-5-5': bmp(short(RGB555), 16, header=124, compression=FIELDS, masks=(*RGB555, 0x8000)),
    '16-4-4-4': bmp(short((0xF00, 0xF0, 0xF)), 16, compression=FIELDS, masks=(0xF00, 0xF0, 0xF)),
    '8': bmp(rows(index4, np.uint8), 8, palette=palette16, colours=16),
    '8-gray': bmp(rows(index8, np.uint8), 8, palette=gray256),
    '8-past-palette': bmp(rows(index4, np.uint8), 8, palette=palette16[:40], colours=10),
    '8-top-down': bmp(rows(index4[::-1], np.uint8), 8, palette=palette16, colours=16, size=(W, -H)),
    '4': bmp(bits(index4, 4), 4, palette=palette16, colours=16),
    '4-os2': bmp(bits(index4, 4), 4, header=12, palette=b''.join(palette16[at:at + 3] for at in range(0, 64, 4))),
    '2': bmp(bits(index4 >> 2, 2), 2, palette=palette16[:16], colours=4),
    '1': bmp(bits(index4 >> 3, 1), 1, palette=palette16[8:16], colours=2),
    '1-black-first': bmp(bits(index4 >> 3, 1), 1, palette=bytes([0, 0, 0, 0, 255, 255, 255, 0]), colours=2),
    '1-white-first': bmp(bits(index4 >> 3, 1), 1, palette=bytes([255, 255, 255, 0, 0, 0, 0, 0]), colours=2),
    'rle8': bmp(RLE8_BODY, 8, compression=RLE8, palette=palette16, colours=16),
    'rle8-full': bmp(RLE8_FULL, 8, compression=RLE8, palette=palette16, colours=16),
    'rle4': bmp(RLE4_BODY, 4, compression=RLE4, palette=palette16, colours=16),
    'rle8-no-end': bmp(RLE8_FULL[:-2], 8, compression=RLE8, palette=palette16, colours=16),
    'rle8-cut': bmp(RLE8_FULL[:-40], 8, compression=RLE8, palette=palette16, colours=16),
    'jpeg-inside': bmp(b'\xff\xd8\xff', 0, compression=JPEG),
    'png-inside': bmp(b'\x89PNG', 0, compression=PNG),
    '64': bmp(bytes(W * H * 8), 64),
    'header-16': bmp(bytes(W * H * 4), 24, header=40)[:14] + struct.pack('<I', 16) + bmp(bytes(W * H * 4), 24)[18:],
}

# Pillow does not support these masks.
PIXELS = {'32-rgbx': photo, '16-4-4-4': (photo >> 4) * 17}

if __name__ == '__main__':
    write(FILES, PIXELS)
