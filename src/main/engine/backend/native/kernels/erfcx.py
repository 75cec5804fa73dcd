"""Computes the coefficients in vector_math.h by least squares of the relative error. The polynomial P approximates
erfc(z) exp(z^2) = t P(t) with t = 1 / (1 + z / 2). The program needs numpy."""
import math

import numpy as np

DEGREE = 9
# Chebyshev nodes in t, for z from 0 to 9. Beyond 9, exp(-z^2) is below float32's smallest normal number.
nodes = 0.5 * (1 - np.cos(np.pi * (np.arange(4000) + 0.5) / 4000))
t = 1 / 5.5 + nodes * (1 - 1 / 5.5)
z = 2 * (1 / t - 1)
exact = np.array([math.erfc(value) * math.exp(value * value) for value in z])
columns = np.stack([t * t**power / exact for power in range(DEGREE + 1)], axis=1)
coefficients = np.linalg.lstsq(columns, np.ones_like(t), rcond=None)[0]
rounded = coefficients.astype(np.float32).astype(np.float64)
print('relative error', np.abs(columns @ coefficients - 1).max(), 'with float32 coefficients', np.abs(columns @ rounded - 1).max())
print(f'  float scaled = {np.float32(coefficients[-1]):.9g}f;')
for value in coefficients[-2::-1]:
    print(f'  scaled = __builtin_fmaf(scaled, t, {np.float32(value):.9g}f);')
