"""Computes the low-frequency crop, the low-pass and the high-pass filter by numpy's FFT in float64, and resizes by
PIL's Lanczos on float images.

    python low-frequency.py low-frequency.json

It needs numpy and pillow. Pixel i of an image of n values is ((i * 7919 + i * i * 31) mod 256) / 255, so that no image
has to be stored.
"""
import json
import sys

import numpy as np
from PIL import Image

# Each case is (height, width, channels, bandwidth).
CROPS = [(12, 12, 3, 8), (12, 12, 3, 7), (11, 13, 1, 6), (11, 13, 3, 5), (9, 16, 3, 9), (16, 10, 1, 10), (8, 12, 3, 8), (7, 7, 3, 7), (17, 34, 3, 1), (17, 34, 3, 2),
         (120, 75, 3, 50), (97, 128, 3, 64), (128, 128, 1, 96)]
# Each case is (height, width, channels, radius).
LOW_PASSES = [(12, 12, 3, 3), (12, 12, 3, 5), (11, 14, 1, 4), (13, 9, 3, 2.5), (10, 15, 2, 0), (9, 9, 3, 9), (64, 97, 3, 20), (75, 120, 1, 37.5)]
HIGH_PASSES = [(12, 12, 3, 3), (11, 11, 3, 5), (11, 14, 1, 4), (13, 9, 3, 2.5), (10, 15, 2, 0), (64, 97, 3, 20)]
SAMPLES = 200


def image_of(h, w, c):
    i = np.arange(h * w * c, dtype=np.int64)
    return ((i * 7919 + i * i * 31) % 256).reshape(h, w, c) / 255


def crop(image, b):
    h, w, _ = image.shape
    spectrum = np.fft.fftshift(np.fft.fft2(image, axes=(0, 1)), axes=(0, 1))
    top, left = h // 2 - b // 2, w // 2 - b // 2
    central = np.fft.ifftshift(spectrum[top:top + b, left:left + b], axes=(0, 1))
    return np.fft.ifft2(central, axes=(0, 1)).real * (b * b) / (h * w)


def low_pass(image, r, high=False):
    h, w, _ = image.shape
    u, v = np.fft.fftfreq(h)[:, None], np.fft.fftfreq(w)[None, :]
    mask = u**2 + v**2 <= (r / min(h, w)) ** 2 * (1 + 1e-12)
    mask = ~mask if high else mask
    return np.fft.ifft2(np.fft.fft2(image, axes=(0, 1)) * mask[..., None], axes=(0, 1)).real


def resize(image, b):
    planes = [Image.fromarray(plane.astype(np.float32), 'F').resize((b, b), Image.LANCZOS) for plane in np.moveaxis(image, 2, 0)]
    return np.stack([np.asarray(plane) for plane in planes], axis=2)


def case(shape, key, value, output):
    at = np.unique(np.linspace(0, output.size - 1, min(SAMPLES, output.size)).astype(int))
    return {'height': shape[0], 'width': shape[1], 'channels': shape[2], key: value, 'at': at.tolist(), 'output': [round(float(v), 8) for v in output.ravel()[at]]}


def main():
    made = {'crop': [], 'resize': [], 'low_pass': [], 'high_pass': []}
    for *shape, b in CROPS:
        made['crop'].append(case(shape, 'bandwidth', b, crop(image_of(*shape), b)))
        made['resize'].append(case(shape, 'bandwidth', b, resize(image_of(*shape), b)))
    for *shape, r in LOW_PASSES:
        made['low_pass'].append(case(shape, 'radius', r, low_pass(image_of(*shape), r)))
    for *shape, r in HIGH_PASSES:
        made['high_pass'].append(case(shape, 'radius', r, low_pass(image_of(*shape), r, high=True)))
    with open(sys.argv[1], 'w') as file:
        json.dump(made, file, separators=(',', ':'))
        file.write('\n')


if __name__ == '__main__':
    main()
