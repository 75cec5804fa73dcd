"""Writes PNG files of every colour type, depth and transparency byte by byte, and their pixels by Pillow: python png.py
> png.json"""
import struct
import zlib

import numpy as np

from golden import H, W, alpha, deep, photo, write

GRAY, RGB, PALETTE, GRAY_ALPHA, RGBA = 0, 2, 3, 4, 6
colours = bytes(value for index in range(16) for value in (index * 17, 255 - index * 16, (index * 40) % 256))
wide = np.dstack([photo.astype(np.uint16) * 257 - (photo.astype(np.uint16) * 3) % 251, deep])


def chunk(name, body):
    return struct.pack('>I', len(body)) + name + body + struct.pack('>I', zlib.crc32(name + body))


def packed(values, bits):
    spread = ((values[..., None] >> np.arange(bits - 1, -1, -1)) & 1).astype(np.uint8).reshape(values.shape[0], -1)
    return np.packbits(spread, axis=1)


def png(values, kind, depth, *before, interlaced=0):
    """Returns a PNG file of rows [H, bytes] or [H, W, samples]. `before` are chunks between the header and the pixels.
    """
    lines = packed(values, depth) if depth < 8 else values.astype('>u2' if depth == 16 else np.uint8).reshape(len(values), -1)
    body = b''.join(b'\0' + line.tobytes() for line in lines)
    head = struct.pack('>IIBBBBB', values.shape[1], values.shape[0], depth, kind, 0, 0, interlaced)
    return b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', head) + b''.join(before) + chunk(b'IDAT', zlib.compress(body)) + chunk(b'IEND', b'')


clear = lambda *values: chunk(b'tRNS', struct.pack(f'>{len(values)}H', *values))
plte = chunk(b'PLTE', colours)
small = {bits: photo[..., 0] >> (8 - bits) for bits in (1, 2, 4)}
exif = lambda orientation: chunk(b'eXIf', b'MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01' + struct.pack('>H', orientation) + bytes(6))
middle = tuple(int(value) for value in photo[H // 2, W // 2])

FILES = {
    **{f'gray-{bits}': png(small[bits], GRAY, bits) for bits in (1, 2, 4)},
    **{f'gray-{bits}-clear': png(small[bits], GRAY, bits, clear(1)) for bits in (1, 2, 4)},
    'gray-8': png(photo[..., 0], GRAY, 8),
    'gray-8-clear': png(photo[..., 0], GRAY, 8, clear(middle[0])),
    'gray-16': png(deep, GRAY, 16),
    'gray-16-clear': png(deep, GRAY, 16, clear(int(deep[3, 3]))),
    'rgb-8': png(photo, RGB, 8),
    'rgb-8-clear': png(photo, RGB, 8, clear(*middle)),
    'rgb-16': png(wide[..., :3], RGB, 16),
    'rgb-16-clear': png(wide[..., :3], RGB, 16, clear(*(int(value) for value in wide[3, 3, :3]))),
    **{f'palette-{bits}': png(small[bits], PALETTE, bits, plte) for bits in (1, 2, 4)},
    'palette-8': png(photo[..., 0] >> 4, PALETTE, 8, plte),
    'palette-8-clear': png(photo[..., 0] >> 4, PALETTE, 8, plte, chunk(b'tRNS', bytes([255, 0, 128, 7]))),
    'palette-4-clear': png(small[4], PALETTE, 4, plte, chunk(b'tRNS', bytes([0, 90]))),
    'gray-alpha-8': png(alpha[..., [0, 3]], GRAY_ALPHA, 8),
    'gray-alpha-16': png(wide[..., [0, 3]], GRAY_ALPHA, 16),
    'rgba-8': png(alpha, RGBA, 8),
    'rgba-16': png(wide, RGBA, 16),
    'gamma': png(photo, RGB, 8, chunk(b'gAMA', struct.pack('>I', 100000))),
    'srgb': png(photo, RGB, 8, chunk(b'sRGB', b'\0'), chunk(b'gAMA', struct.pack('>I', 45455))),
    'significant-bits': png(photo, RGB, 8, chunk(b'sBIT', bytes([5, 5, 5]))),
    'background': png(alpha, RGBA, 8, chunk(b'bKGD', struct.pack('>HHH', 10, 200, 30))),
    **{f'orientation-{n}': png(photo, RGB, 8, exif(n)) for n in (0, 1, 2, 6, 8, 9)},
    'apple': png(photo, RGB, 8).replace(b'\n' + struct.pack('>I', 13), b'\n' + chunk(b'CgBI', b'P\0 \2') + struct.pack('>I', 13), 1),
    'palette-past': png(np.minimum(photo[..., 0] >> 3, 31), PALETTE, 8, plte),
}


def cleared(values, clear):
    """Returns white where the stored values [H, W, samples] equal the transparent ones, and the upper eight bits
    elsewhere."""
    shown = (values >> 8 if values.dtype == np.uint16 else values).astype(np.uint8)
    return np.where((values == clear).all(-1)[..., None], 255, shown).repeat(3 // values.shape[2], -1)


# For these files, Pillow compares the transparent colour with values that it has already scaled, which is wrong.
PIXELS = {
    'gray-2-clear': cleared(small[2][..., None] * 85, 85),
    'gray-4-clear': cleared(small[4][..., None] * 17, 17),
    'gray-16-clear': cleared(deep[..., None], deep[3, 3]),
    'rgb-16-clear': cleared(wide[..., :3], wide[3, 3, :3]),
}

if __name__ == '__main__':
    write(FILES, PIXELS)
