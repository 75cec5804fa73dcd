"""Writes unusual image files and their pixels by Pillow, under the rules of docs/data.md: python make.py OUTPUT_FOLDER

It writes the files and golden.json (name -> width, height, RGB as base64). It needs pillow and numpy.
"""
import base64
import io
import json
import os
import sys

import numpy as np
from PIL import Image, ImageOps

W, H = 24, 16
rng = np.random.default_rng(0)
ramp = np.stack(np.meshgrid(np.linspace(0, 255, W), np.linspace(0, 255, H)), -1)
photo = np.clip(np.concatenate([ramp, ramp.mean(-1, keepdims=True)], -1) + rng.normal(0, 6, (H, W, 3)), 0, 255).astype(np.uint8)
colour, gray = Image.fromarray(photo), Image.fromarray(photo[..., 0])
alpha = np.dstack([photo, np.linspace(0, 255, H * W).reshape(H, W).astype(np.uint8)])
black = Image.fromarray(np.dstack([np.asarray(colour.convert('CMYK'))[..., :3], photo[..., 0]]), 'CMYK')
deep = (photo[..., 0].astype(np.uint16) << 8) | rng.integers(0, 256, (H, W), dtype=np.uint16)


def save(image, form, **options):
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def exif(orientation):
    tags = Image.Exif()
    tags[0x0112] = orientation
    return tags.tobytes()


def rules(data):
    """Decodes to 8-bit RGB [H, W, 3] by the documented rules, with Pillow and numpy."""
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    if image.mode in ('I;16', 'I;16B', 'I'):
        return np.repeat((np.asarray(image).astype(np.int64) >> 8).astype(np.uint8)[..., None], 3, -1)
    if image.mode in ('P', 'LA', 'PA') or 'transparency' in image.info:
        image = image.convert('RGBA')
    if image.mode == 'RGBA':
        values = np.asarray(image).astype(np.float64)
        share = values[..., 3:] / 255
        return np.floor(values[..., :3] * share + 255 * (1 - share) + 0.5).astype(np.uint8)
    return np.asarray(image.convert('RGB'))


def bmp_rle8():
    """Pillow does not write run-length codes, so these encode an image of 4 x 2 palette indices by hand."""
    palette = b''.join(bytes([10 * i, 20 * i, 30 * i, 0]) for i in range(8))
    pixels = bytes([3, 1, 1, 2, 0, 0, 0, 4, 5, 6, 7, 0, 0, 1])
    offset = 14 + 40 + len(palette)
    head = b'BM' + (offset + len(pixels)).to_bytes(4, 'little') + bytes(4) + offset.to_bytes(4, 'little')
    info = b''.join(v.to_bytes(n, 'little') for v, n in [(40, 4), (4, 4), (2, 4), (1, 2), (8, 2), (1, 4), (len(pixels), 4), (0, 4), (0, 4), (8, 4), (0, 4)])
    return head + info + palette + pixels


FILES = {
    'color.jpg': save(colour, 'JPEG', quality=90),
    'gray.jpg': save(gray, 'JPEG', quality=90),
    'progressive.jpg': save(colour, 'JPEG', quality=80, progressive=True),
    '444.jpg': save(colour, 'JPEG', quality=90, subsampling=0),
    **{f'orientation-{n}.jpg': save(colour, 'JPEG', quality=90, exif=exif(n)) for n in range(1, 9)},
    'cmyk.jpg': save(colour.convert('CMYK'), 'JPEG', quality=95),
    'cmyk-orientation-6.jpg': save(colour.convert('CMYK'), 'JPEG', quality=95, exif=exif(6)),
    'cmyk.tiff': save(black, 'TIFF', compression='tiff_lzw'),
    'color.png': save(colour, 'PNG'),
    'gray.png': save(gray, 'PNG'),
    'palette.png': save(colour.quantize(16), 'PNG'),
    'one-bit.png': save(gray.convert('1'), 'PNG'),
    'alpha.png': save(Image.fromarray(alpha), 'PNG'),
    'gray-alpha.png': save(Image.fromarray(alpha[..., [0, 3]], 'LA'), 'PNG'),
    'alpha.webp': save(Image.fromarray(alpha), 'WEBP', lossless=True, exact=True),
    'transparent-palette.png': save(colour.quantize(16), 'PNG', transparency=3),
    'sixteen.png': save(Image.fromarray(deep), 'PNG'),
    'color.webp': save(colour, 'WEBP', lossless=True),
    'color.gif': save(colour.quantize(32), 'GIF'),
    'animated.gif': save(colour.quantize(8), 'GIF', save_all=True, append_images=[gray.convert('P')], duration=100),
    'color.tiff': save(colour, 'TIFF', compression='tiff_lzw'),
    'gray.tiff': save(gray, 'TIFF'),
    'sixteen.tiff': save(Image.fromarray(deep), 'TIFF'),
    'color.bmp': save(colour, 'BMP'),
    'gray.bmp': save(gray, 'BMP'),
    'one-bit.bmp': save(gray.convert('1'), 'BMP'),
    'runs.bmp': bmp_rle8(),
    'jpeg-called.png': save(colour, 'JPEG', quality=90),
}


def main():
    folder = sys.argv[1]
    golden = {}
    for name, data in FILES.items():
        with open(os.path.join(folder, name), 'wb') as file:
            file.write(data)
        pixels = np.ascontiguousarray(rules(data))
        golden[name] = {'width': pixels.shape[1], 'height': pixels.shape[0], 'rgb': base64.b64encode(pixels.tobytes()).decode()}
    with open(os.path.join(folder, 'golden.json'), 'w') as file:
        json.dump(golden, file, indent=0)


if __name__ == '__main__':
    main()
