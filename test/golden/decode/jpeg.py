"""Writes JPEG files of several kinds with their pixels by Pillow, and files that must be refused: python jpeg.py >
jpeg.json"""
import io
import struct

import numpy as np
from PIL import Image, ImageCms

from golden import H, W, alpha, photo, write

big = np.tile(photo, (3, 3, 1))[:27, :37]
colour, gray = Image.fromarray(big), Image.fromarray(big[..., 0])
ink = Image.fromarray(np.dstack([255 - big, np.tile(alpha[..., 3], (3, 3))[:27, :37] // 2]), 'CMYK')


def save(image, **options):
    buffer = io.BytesIO()
    image.save(buffer, 'JPEG', **{'quality': 90, **options})
    return buffer.getvalue()


def marker(data, code):
    """Returns the offset of a marker's segment after SOI."""
    at = 2
    while data[at + 1] != code:
        at += 2 + struct.unpack_from('>H', data, at + 2)[0]
    return at


def without(data, code):
    at = marker(data, code)
    return data[:at] + data[at + 2 + struct.unpack_from('>H', data, at + 2)[0]:]


def changed(data, code, offset, value):
    """Returns the file with one changed byte in a marker's body."""
    at = marker(data, code) + 4 + offset
    return data[:at] + bytes([value]) + data[at + 1:]


def recoded(data, new):
    at = marker(data, 0xC0)
    return data[:at + 1] + bytes([new]) + data[at + 2:]


def before_end(data, extra):
    assert data.endswith(b'\xff\xd9')
    return data[:-2] + extra + data[-2:]


def after_scan_header(data, extra):
    at = marker(data, 0xDA)
    return data[:at] + extra + data[at:]


def header(space, size, body=b''):
    """Returns an ICC profile with this colour space and size, and with `body` after its header."""
    return struct.pack('>I4s4s4s4s4s', size, b'lcms', b'\4\0\0\0', b'prtr', space, b'Lab ') + bytes(12) + b'acsp' + bytes(88) + body


def sampled(data, *factors):
    """Sets other sampling factors for the same blocks. The picture is scrambled, and a decoder has to upsample it."""
    at = marker(data, 0xC0)
    for component, factor in enumerate(factors):
        data = data[:at + 11 + 3 * component] + bytes([factor]) + data[at + 12 + 3 * component:]
    return data


square = Image.fromarray(np.tile(photo, (4, 3, 1))[:32, :32])
wide_chroma, small_chroma = save(square, subsampling='4:2:2'), save(square, subsampling='4:2:0')
rgb_profile = ImageCms.ImageCmsProfile(ImageCms.createProfile('sRGB')).tobytes()
exif = lambda orientation: b'Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01' + struct.pack('>H', orientation) + bytes(6)
adobe = lambda transform: b'\xff\xee\0\x0eAdobe\0\x64\0\0\0\0' + bytes([transform])
base, progressive = save(colour), save(colour, progressive=True)
scans = [at for at in range(len(progressive) - 1) if progressive[at:at + 2] == b'\xff\xda']

FILES = {
    **{f'rgb-{name}': save(colour, subsampling=name) for name in ('4:4:4', '4:2:2', '4:2:0')},
    'rgb-4:4:0': sampled(wide_chroma, 0x12, 0x11, 0x11),
    'rgb-4:1:1': sampled(small_chroma, 0x41, 0x11, 0x11),
    'rgb-1-by-4': sampled(small_chroma, 0x14, 0x11, 0x11),
    'rgb-fine-chroma': sampled(small_chroma, 0x11, 0x41, 0x11),
    'rgb-mixed-chroma': sampled(small_chroma, 0x21, 0x21, 0x12),
    'restarts': save(colour, restart_marker_blocks=1),
    'stored-as-rgb': save(colour, keep_rgb=True),
    'gray-two-by-two': changed(save(gray), 0xC0, 7, 0x22),
    'progressive': progressive,
    'progressive-gray': save(gray, progressive=True),
    'progressive-first-scans': progressive[:scans[3]] + b'\xff\xd9',
    'progressive-first-scan': progressive[:scans[1]] + b'\xff\xd9',
    'ink': save(ink),
    'ink-without-adobe': without(save(ink), 0xEE),
    'ink-ycck': changed(save(ink), 0xEE, 11, 2),
    'ink-rgb-profile': save(ink, icc_profile=rgb_profile),
    'ink-junk-profile': save(ink, icc_profile=b'this is no profile at all' * 9),
    'ink-short-profile': save(ink, icc_profile=header(b'CMYK', 500_000)),
    'ink-empty-profile': save(ink, icc_profile=header(b'CMYK', 132, bytes(4))),
    'ink-gray-profile': save(ink, icc_profile=header(b'GRAY', 132, bytes(4))),
    'rgb-junk-profile': save(colour, icc_profile=b'this is no profile at all' * 9),
    'extra-bytes-before-end': before_end(base, b'\x12\x34\x56' * 9),
    'extra-bytes-before-end-progressive': before_end(progressive, bytes(7)),
    'extra-bytes-before-scan': after_scan_header(base, b'\x01\x02\x03'),
    'more-after-end': base + b'whatever' * 40,
    'jfif-version-2': changed(base, 0xE0, 5, 2),
    'fill-bytes': after_scan_header(base, b'\xff\xff\xff'),
    'comment': after_scan_header(base, b'\xff\xfe\0\x09comment'),
    'adobe-unknown-transform': after_scan_header(without(base, 0xE0), adobe(1)[:-1] + b'\7'),
    **{f'orientation-{n}': save(colour, exif=exif(n)) for n in (0, 1, 6, 9)},
    '12-bit': changed(recoded(base, 0xC1), 0xC1, 0, 12),
    'arithmetic': recoded(base, 0xC9),
    'arithmetic-progressive': recoded(base, 0xCA),
    'lossless': recoded(base, 0xC3),
    'hierarchical': recoded(base, 0xC5),
    'two-components': recoded(base, 0xC0)[:marker(base, 0xC0)] + b'\xff\xc0\0\x0e\x08\0\x10\0\x10\2\1\x11\0\2\x11\0' + base[marker(base, 0xC0) + 19:],
    'no-height': changed(changed(base, 0xC0, 1, 0), 0xC0, 2, 0),
    'no-scan': base[:marker(base, 0xDA)] + b'\xff\xd9',
    'unknown-marker-in-scan': before_end(base, b'\xff\xf9\x11'),
    'no-end': base[:-2],
    'end-only-half': base[:-1],
}

if __name__ == '__main__':
    write(FILES)
