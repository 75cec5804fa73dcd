"""Computes the low-frequency crop by numpy's FFT in float64.

    python low-frequency-crop.py low-frequency-crop.json

It needs torch==2.13.0, timm and numpy, because it uses the formula and the crop of reference.py. Images are the
formula's bytes / 255.
"""
import json
import sys

import numpy as np

from reference import crop, hashed, rounded

# Cases (height, width, channels, bandwidth) are odd and even, square and not, gray and colour; one leaves an axis as it
# is.
SHAPES = [(12, 12, 3, 8), (12, 12, 3, 7), (11, 11, 3, 6), (11, 11, 1, 5), (10, 14, 3, 6), (14, 9, 1, 4), (9, 16, 3, 9), (8, 12, 3, 8), (16, 16, 3, 1), (16, 16, 3, 2),
          (224, 224, 3, 96), (224, 224, 3, 160), (224, 224, 3, 193), (128, 224, 1, 96)]
# Of a large output only this many elements are stored, drawn by the formula.
SAMPLES = 64


def main():
    cases = []
    for h, w, c, b in SHAPES:
        image = (hashed(f'crop/{h}x{w}', h * w * c) & np.uint32(255)).reshape(h, w, c) / 255
        output = crop(image, b).ravel()
        at = hashed('at', SAMPLES) % np.uint32(len(output)) if len(output) > 1000 else np.arange(len(output))
        cases.append({'height': h, 'width': w, 'channels': c, 'bandwidth': b, 'at': at.tolist(), 'output': rounded(output[at])})
    with open(sys.argv[1], 'w') as file:
        file.write('[\n' + ',\n'.join(json.dumps(case, separators=(',', ':')) for case in cases) + '\n]\n')


if __name__ == '__main__':
    main()
