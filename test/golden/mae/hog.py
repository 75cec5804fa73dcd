"""Computes HOG targets pixel by pixel in double precision, by MaskFeat's definition (Wei et al., CVPR 2022, sec. 3.2).

    python hog.py hog.json

It needs numpy. For each case it takes those images whose gradients are farthest from a border between two orientations,
because near a border rounding decides to which bin a pixel belongs.
"""
import json
import math
import sys

import numpy as np

BINS = 9
# Each case has patch, cell and side of the images in pixels. The cell is the largest divisor of the patch up to 8.
CASES = [{'patch': 16, 'cell': 8, 'size': 32}, {'patch': 14, 'cell': 7, 'size': 28}, {'patch': 4, 'cell': 4, 'size': 12}]
BATCH = 2
CANDIDATES = 40


def hashed(key, count):
    """Returns uint32 [count] as a function of the text; formula.ts has the same function."""
    def mix(x):
        with np.errstate(over='ignore'):
            x = x ^ (x >> np.uint32(16))
            x = x * np.uint32(0x7FEB352D)
            x = x ^ (x >> np.uint32(15))
            x = x * np.uint32(0x846CA68B)
            return x ^ (x >> np.uint32(16))

    value = 0x811C9DC5
    for letter in key.encode():
        value = ((value ^ letter) * 0x01000193) & 0xFFFFFFFF
    with np.errstate(over='ignore'):
        return mix(mix(np.array([value], np.uint32)) + np.arange(count, dtype=np.uint32) * np.uint32(0x9E3779B9))


def images_of(key, size):
    """Returns images [N, S, S, 3] in [-1, 1), exact in float32."""
    return ((hashed(key, BATCH * size * size * 3) >> np.uint32(8)) / 2.0**23 - 1).reshape(BATCH, size, size, 3)


def gradient(image, row, column):
    """Returns Sobel's derivatives across and down at a pixel of one channel. The border is reflected."""
    size = len(image)

    def at(y, x):
        reflected = [-v if v < 0 else 2 * (size - 1) - v if v >= size else v for v in (y, x)]
        return image[reflected[0], reflected[1]]

    across = sum(w * (at(row + d, column - 1) - at(row + d, column + 1)) for d, w in ((-1, 1), (0, 2), (1, 1)))
    down = sum(w * (at(row - 1, column + d) - at(row + 1, column + d)) for d, w in ((-1, 1), (0, 2), (1, 1)))
    return across, down


def histograms(image, cell):
    """Returns the histograms [cells, cells, bins] of one channel, each with norm 1, and the smallest distance of a
    pixel to a border between bins."""
    count = len(image) // cell
    cells, margin = np.zeros((count, count, BINS)), math.inf
    for row in range(len(image)):
        for column in range(len(image)):
            across, down = gradient(image, row, column)
            position = math.atan2(across, down) / math.pi * BINS
            # At a reflected border the derivative across is exactly zero in any precision.
            margin = min(margin, abs(position - round(position))) if across else margin
            cells[row // cell, column // cell, math.floor(position) % BINS] += math.hypot(across, down)
    return cells / np.maximum(np.sqrt((cells**2).sum(-1, keepdims=True)), 1e-12), margin


def targets(images, patch, cell):
    """Returns targets [N, L, 3 * bins * cells of a patch], ordered by channel, bin, and row and column of the cell, and
    the smallest margin."""
    side, each = images.shape[1] // patch, patch // cell
    result, margin = [], math.inf
    for image in images:
        channels = [histograms(image[:, :, channel], cell) for channel in range(3)]
        margin = min(margin, *[near for _, near in channels])
        for y in range(side):
            for x in range(side):
                for cells, _ in channels:
                    for k in range(BINS):
                        result += cells[y * each : (y + 1) * each, x * each : (x + 1) * each, k].ravel().tolist()
    return result, margin


def main():
    results = []
    for case in CASES:
        patch, cell = case['patch'], case['cell']
        keys = [f'hog/{patch}/{number}' for number in range(CANDIDATES)]
        tried = {key: targets(images_of(key, case['size']), patch, cell) for key in keys}
        key = max(tried, key=lambda each: tried[each][1])
        values, margin = tried[key]
        results.append({**case, 'batch': BATCH, 'key': key, 'margin': margin, 'values': [float(f'{value:.7g}') for value in values]})
    with open(sys.argv[1], 'w') as file:
        file.write('[\n' + ',\n'.join(json.dumps(result, separators=(',', ':')) for result in results) + '\n]\n')


main()
