"""Writes GIF files whose pictures cover their canvas in many ways, and their pixels by Pillow: python gif.py > gif.json

By our rule, the part of the canvas that a picture leaves free is white. Pillow fills it with the first colour where no
colour is transparent, so the rule is applied to Pillow's pixels.
"""
import io
import struct

import numpy as np
from PIL import Image

from golden import H, W, photo, rules, write

colours = bytes(value for index in range(16) for value in (index * 17, 255 - index * 16, (index * 40) % 256))
local = bytes(255 - value for value in colours)
index4 = photo[..., 0] >> 4


def lzw(values, bits):
    """Encodes with codes of variable width. The table is cleared when it is full."""
    clear, end = 1 << bits, (1 << bits) + 1
    table, width, out, filled = {}, bits + 1, 0, 0
    data = bytearray()

    def put(code):
        nonlocal out, filled
        out |= code << filled
        filled += width
        while filled >= 8:
            data.append(out & 255)
            out >>= 8
            filled -= 8

    put(clear)
    prefix = ()
    for value in values:
        longer = prefix + (int(value),)
        if len(longer) == 1 or longer in table:
            prefix = longer
            continue
        put(table[prefix] if len(prefix) > 1 else prefix[0])
        if len(table) + end + 1 < 4096:
            table[longer] = len(table) + end + 1
            if table[longer] == 1 << width and width < 12:
                width += 1
        else:
            put(clear)
            table, width = {}, bits + 1
        prefix = (int(value),)
    put(table[prefix] if len(prefix) > 1 else prefix[0])
    put(end)
    if filled:
        data.append(out & 255)
    return b''.join(bytes([len(data[at:at + 255])]) + data[at:at + 255] for at in range(0, len(data), 255)) + b'\0'


def picture(indices, *, at=(0, 0), own=None, clear=None, interlaced=False, bits=4, disposal=0):
    if interlaced:
        height = len(indices)
        indices = np.concatenate([indices[start::step] for start, step in [(0, 8), (4, 8), (2, 4), (1, 2)] if start < height])
    control = b'' if clear is None and not disposal else b'!\xf9\4' + bytes([disposal << 2 | (clear is not None), 10, 0, clear or 0, 0])
    flags = (0x80 | (len(own) // 3).bit_length() - 2 if own else 0) | (0x40 if interlaced else 0)
    head = b',' + struct.pack('<HHHHB', *at, indices.shape[1], indices.shape[0], flags)
    return control + head + (own or b'') + bytes([bits]) + lzw(indices.ravel(), bits)


def gif(*pictures, size=(W, H), palette=colours, background=0, end=b';'):
    flags = (0x80 | (len(palette) // 3).bit_length() - 2) if palette else 0
    return b'GIF89a' + struct.pack('<HHBBB', *size, flags, background, 0) + (palette or b'') + b''.join(pictures) + end


wide = np.tile(index4, (9, 11))
FILES = {
    'plain': gif(picture(index4)),
    'interlaced': gif(picture(index4, interlaced=True)),
    'interlaced-low': gif(picture(index4[:3], interlaced=True), size=(W, 3)),
    'transparent': gif(picture(index4, clear=5)),
    'own-colours': gif(picture(index4, own=local)),
    'own-colours-only': gif(picture(index4, own=local), palette=None),
    'no-colours': gif(picture(index4, bits=4), palette=None),
    'large': gif(picture(wide), size=wide.shape[::-1]),
    'two-pictures': gif(picture(index4), picture(index4[::-1])),
    'smaller': gif(picture(index4[2:7, 3:9], at=(3, 2)), background=7),
    'smaller-transparent': gif(picture(index4[2:7, 3:9], at=(3, 2), clear=5), background=7),
    'smaller-interlaced': gif(picture(index4[2:7, 3:9], at=(5, 4), interlaced=True)),
    'smaller-own-colours': gif(picture(index4[2:7, 3:9], at=(3, 2), own=local), palette=None),
    'smaller-disposed': gif(picture(index4[2:7, 3:9], at=(3, 2), disposal=2), picture(index4)),
    'past-canvas': gif(picture(index4, at=(4, 3))),
    'outside-canvas': gif(picture(index4[:4, :4], at=(W + 2, 1))),
    'no-canvas': gif(picture(index4), size=(0, 0)),
    'no-end': gif(picture(index4), end=b''),
    'too-few-pixels': gif(picture(index4[:6]).replace(struct.pack('<HH', W, 6), struct.pack('<HH', W, H))),
    'too-many-pixels': gif(picture(index4).replace(struct.pack('<HH', W, H), struct.pack('<HH', W, 6)), size=(W, 6)),
    'colour-past-palette': gif(picture(index4), palette=colours[:24]),
    'version-87': gif(picture(index4)).replace(b'GIF89a', b'GIF87a'),
    'one-bit': gif(picture(index4 >> 3, bits=2), palette=colours[9:15]),
    'no-picture': gif(),
}


def on_white(name):
    """Returns Pillow's pixels inside the first picture, and white around it."""
    left, top, right, bottom = Image.open(io.BytesIO(FILES[name])).tile[0][1]
    pixels = rules(FILES[name])
    out = np.full_like(pixels, 255)
    out[top:bottom, left:right] = pixels[top:bottom, left:right]
    return out


PIXELS = {name: on_white(name) for name in FILES if name.startswith('smaller') or name.endswith('-canvas')}

if __name__ == '__main__':
    write(FILES, PIXELS)
