"""Computes two-dimensional sine and cosine positions by numpy, from MAE's definition (He et al., CVPR 2022, sec. 3;
Vaswani et al., 2017, sec. 3.5).

    python sin-cos.py sin-cos.json

It needs numpy. Small tables are stored whole, large ones as a few rows.
"""
import json
import sys

import numpy as np

CASES = [(3, 8, None), (4, 12, None), (8, 64, [0, 1, 2, 9, 64]), (14, 768, [0, 1, 15, 196]), (16, 1280, [256])]


def table(side, dim):
    """Returns float32 [1 + side^2, dim]: a row of zeros, then the patches row by row."""
    rows, columns = np.mgrid[0:side, 0:side].reshape(2, -1).astype(np.float64)
    wave_numbers = 10000.0 ** -(np.arange(dim // 4) / (dim // 4))
    halves = [np.outer(position, wave_numbers) for position in (columns, rows)]
    body = np.concatenate([part for angles in halves for part in (np.sin(angles), np.cos(angles))], axis=1)
    return np.concatenate([np.zeros((1, dim)), body]).astype(np.float32)


def main():
    results = []
    for side, dim, chosen in CASES:
        whole = table(side, dim)
        chosen = list(range(len(whole))) if chosen is None else chosen
        results.append({'side': side, 'dim': dim, 'rows': {str(row): [float(f'{value:.9g}') for value in whole[row].tolist()] for row in chosen}})
    with open(sys.argv[1], 'w') as file:
        file.write('[\n' + ',\n'.join(json.dumps(result, separators=(',', ':')) for result in results) + '\n]\n')


main()
