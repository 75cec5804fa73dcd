"""Writes lossy and lossless WebP files, with alpha and animation, and their pixels by Pillow: python webp.py >
webp.json"""
import io
import struct

import numpy as np
from PIL import Image

from golden import H, W, alpha, photo, write


def save(image, **options):
    buffer = io.BytesIO()
    image.save(buffer, 'WEBP', **options)
    return buffer.getvalue()


def chunk(name, body):
    return name + struct.pack('<I', len(body)) + body + b'\0' * (len(body) % 2)


def riff(*chunks):
    body = b'WEBP' + b''.join(chunks)
    return b'RIFF' + struct.pack('<I', len(body)) + body


def three(value):
    return struct.pack('<I', value)[:3]


def extended(flags, *chunks, size=(W, H)):
    return riff(chunk(b'VP8X', bytes([flags, 0, 0, 0]) + three(size[0] - 1) + three(size[1] - 1)), *chunks)


def frame(image, at, *, blend=True, **options):
    """Returns a frame with the picture's own chunks. Its offset on the canvas must be even."""
    width, height = image.size
    inner = save(image, **options)[12:]
    if inner[:4] == b'VP8X':
        inner = inner[18:]
    place = three(at[0] // 2) + three(at[1] // 2) + three(width - 1) + three(height - 1) + three(100)
    return chunk(b'ANMF', place + bytes([0 if blend else 2]) + inner)


def animated(*frames, background=(0, 0, 0, 0), flags=0x12):
    return extended(flags, chunk(b'ANIM', bytes(background) + struct.pack('<H', 0)), *frames)


colour, clear = Image.fromarray(photo), Image.fromarray(alpha)
large = Image.fromarray(np.tile(photo, (5, 6, 1)))
exif = lambda orientation: b'Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01' + struct.pack('>H', orientation) + bytes(6)

FILES = {
    'lossy': save(colour, quality=70),
    'lossy-large': save(large, quality=60),
    'lossy-alpha': save(clear, quality=70),
    'lossless': save(colour, lossless=True),
    'lossless-alpha': save(clear, lossless=True),
    'lossless-alpha-exact': save(clear, lossless=True, exact=True),
    'gray': save(Image.fromarray(photo[..., 0]), quality=80),
    'animated': save(clear, save_all=True, append_images=[colour], duration=100, lossless=True),
    'animated-lossy': save(colour, save_all=True, append_images=[colour.rotate(180)], duration=100, quality=70),
    'smaller': animated(frame(colour.crop((0, 0, 6, 4)), (4, 2), lossless=True), background=(10, 200, 30, 255)),
    'smaller-alpha': animated(frame(clear.crop((0, 5, 6, 9)), (4, 2), lossless=True, exact=True), background=(10, 200, 30, 255)),
    'smaller-no-blend': animated(frame(clear.crop((0, 5, 6, 9)), (4, 2), blend=False, lossless=True, exact=True), background=(9, 9, 9, 255)),
    'no-alpha-flag': animated(frame(colour.crop((0, 0, 6, 4)), (4, 2), lossless=True), background=(10, 200, 30, 255), flags=2),
    **{f'orientation-{n}': save(colour, lossless=True, exif=exif(n)) for n in (0, 1, 3, 6, 9)},
}

# Where the header says that there is no alpha, Pillow shows black around the first picture.
bare = np.full((H, W, 3), 255, np.uint8)
bare[2:6, 4:10] = photo[:4, :6]
PIXELS = {'no-alpha-flag': bare}

if __name__ == '__main__':
    write(FILES, PIXELS)
