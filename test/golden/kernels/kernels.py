"""Computes results of our own ops by numpy in float64, and keeps the norm, some elements and projections of each.

    python kernels.py cases.json golden.json

It needs numpy and the packages of ../models/reference.py. Inputs come from the formula in reference.py by their names;
formula.ts computes the same ones.
"""
import json
import os
import sys

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'models'))
from reference import hashed, uniform  # noqa: E402

SAMPLES, PROJECTIONS = 8, 3
MASKED = -100.0


def drawn(key, *shape):
    return uniform(key, int(np.prod(shape))).reshape(shape)


def depthwise(case):
    """Computes a depthwise convolution and its gradients tap by tap. Each tap multiplies a shifted image, or a shifted
    gradient, by one weight for each channel."""
    (batch, height, width, channels), (down, across) = case['x'], case['kernel']
    stride, padding = case['stride'], case['padding']
    out = [(side + 2 * padding - reach) // stride + 1 for side, reach in ((height, down), (width, across))]
    x, weight, bias = drawn('x', *case['x']), drawn('weight', down, across, channels), drawn('bias', channels)
    dy = drawn('dy', batch, *out, channels)
    around = ((0, 0), (padding, padding), (padding, padding), (0, 0))
    padded = np.pad(x, around)
    y, dpadded, dweight = np.zeros_like(dy) + bias, np.zeros_like(padded), np.zeros_like(weight)
    for row in range(down):
        for column in range(across):
            lines, columns = (slice(first, first + (count - 1) * stride + 1, stride) for first, count in zip((row, column), out))
            part = (slice(None), lines, columns)
            y += padded[part] * weight[row, column]
            dpadded[part] += dy * weight[row, column]
            dweight[row, column] = (padded[part] * dy).sum((0, 1, 2))
    dx = dpadded[:, padding:padding + height, padding:padding + width]
    return {'y': y, 'dx': dx, 'dweight': dweight, 'dbias': dy.sum((0, 1, 2))}


def after(product, added):
    """Applies a product's epilogue: scale, bias, addition, ReLU."""
    out = product.shape[-1]
    return np.maximum(product * drawn('scale', out) + drawn('bias', out) + added, 0)


def conv(case):
    """Computes a 3 x 3 convolution with padding 1, and its gradients, tap by tap."""
    (batch, height, width, channels), out = case['x'], case['out']
    x, weight = drawn('x', *case['x']), drawn('weight', 3, 3, channels, out)
    dy, added = drawn('dy', batch, height, width, out), drawn('added', batch, height, width, out)
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    y, dpadded, dweight = np.zeros_like(dy), np.zeros_like(padded), np.zeros_like(weight)
    for row in range(3):
        for column in range(3):
            part = (slice(None), slice(row, row + height), slice(column, column + width))
            y += padded[part] @ weight[row, column]
            dpadded[part] += dy @ weight[row, column].T
            dweight[row, column] = np.einsum('nhwi,nhwo->io', padded[part], dy)
    return {'y': after(y, added), 'dx': dpadded[:, 1:-1, 1:-1], 'dweight': dweight}


def linear(case):
    rows, ins, out = case['rows'], case['in'], case['out']
    x, weight, dy = drawn('x', rows, ins), drawn('weight', ins, out), drawn('dy', rows, out)
    return {'y': after(x @ weight, drawn('added', rows, out)), 'dx': dy @ weight.T}


def attended(q, k, v, added, dy):
    """Computes attention of q, k and v, each [..., L, d], and returns y, dq, dk, dv and the gradient at the scores."""
    scale = q.shape[-1] ** -0.5
    scores = scale * q @ k.swapaxes(-1, -2) + added
    weights = np.exp(scores - scores.max(-1, keepdims=True))
    weights /= weights.sum(-1, keepdims=True)
    dweights = dy @ v.swapaxes(-1, -2)
    dscores = weights * (dweights - (weights * dweights).sum(-1, keepdims=True))
    return weights @ v, scale * dscores @ k, scale * dscores.swapaxes(-1, -2) @ q, weights.swapaxes(-1, -2) @ dy, dscores


def by_head(rows, batch, heads):
    """Rearranges [batch * L, heads * d] -> [batch, heads, L, d]."""
    return rows.reshape(batch, len(rows) // batch, heads, -1).swapaxes(1, 2)


def as_rows(parts):
    """Rearranges [batch, heads, L, d] -> [batch * L, heads * d]."""
    batch, heads, length, width = parts.shape
    return parts.swapaxes(1, 2).reshape(batch * length, heads * width)


def windows(case):
    images, count, length, heads = case['images'], case['windows'], case['length'], case['heads']
    dim, own = heads * case['width'], count * length
    places = np.argsort(hashed('places', own), kind='stable') if case['places'] else np.arange(own)
    rows = (np.arange(images)[:, None] * own + places).reshape(-1)
    packed, dy = drawn('packed', images * own, 3 * dim), drawn('dy', images * own, dim)
    bias = drawn('bias', heads, length, length) if case['bias'] else np.zeros((heads, length, length))
    mask = MASKED * (drawn('mask', count, length, length) > 0.4) if case['mask'] else np.zeros((count, length, length))
    added = bias[None] + np.tile(mask, (images, 1, 1))[:, None]
    parts = [by_head(packed[rows][:, at * dim:(at + 1) * dim], images * count, heads) for at in range(3)]
    y, *gradients, dscores = attended(*parts, added, by_head(dy[rows], images * count, heads))
    result, dpacked = np.zeros((images * own, dim)), np.zeros_like(packed)
    result[rows] = as_rows(y)
    dpacked[rows] = np.concatenate([as_rows(part) for part in gradients], 1)
    return {'y': result, 'dpacked': dpacked, **({'dbias': dscores.sum(0)} if case['bias'] else {})}


def cross(case):
    batch, length, keys, heads = case['batch'], case['length'], case['keys'], case['heads']
    dim = heads * case['width']
    q, kv, dy = drawn('q', batch * length, dim), drawn('kv', batch * keys, 2 * dim), drawn('dy', batch * length, dim)
    parts = [by_head(part, batch, heads) for part in (q, kv[:, :dim], kv[:, dim:])]
    y, dq, dk, dv, _ = attended(*parts, 0.0, by_head(dy, batch, heads))
    return {'y': as_rows(y), 'dq': as_rows(dq), 'dkv': np.concatenate([as_rows(dk), as_rows(dv)], 1)}


def star_relu(case):
    x, scale, dy = drawn('x', *case['x']), drawn('scale', 1), drawn('dy', *case['x'])
    positive = np.maximum(x, 0)
    y = scale * positive**2 + drawn('offset', 1)
    return {'y': y, 'dx': 2 * scale * positive * dy, 'dscale': np.array([(dy * positive**2).sum()]), 'doffset': np.array([dy.sum()])}


def scale_channels(case):
    x, factor, dy = drawn('x', *case['x']), drawn('factor', case['x'][-1]), drawn('dy', *case['x'])
    return {'dx': dy * factor, 'dfactor': (dy * x).sum(0)}


def summary(name, values):
    flat = np.ascontiguousarray(values).reshape(-1)
    return {
        'norm': float(np.sqrt((flat**2).sum())),
        'sample': [float(flat[at % len(flat)]) for at in hashed(f'{name}/sample', SAMPLES)],
        'projections': [float(flat @ uniform(f'{name}/projection/{at}', len(flat))) for at in range(PROJECTIONS)],
    }


def main():
    with open(sys.argv[1]) as file:
        cases = json.load(file)
    kinds = {'depthwise': depthwise, 'conv': conv, 'linear': linear, 'windows': windows, 'cross': cross, 'starRelu': star_relu, 'scaleChannels': scale_channels}
    golden = {}
    for case in cases:
        assert case['name'] not in golden, case['name']
        golden[case['name']] = {name: summary(name, values) for name, values in kinds[case['kind']](case).items()}
    with open(sys.argv[2], 'w') as file:
        file.write('{\n' + ',\n'.join(f'{json.dumps(name)}: {json.dumps(value)}' for name, value in golden.items()) + '\n}\n')


if __name__ == '__main__':
    main()
