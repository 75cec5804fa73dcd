"""Computes outputs and gradients of single layers by PyTorch and timm.

    python layers.py layers.json

It needs torch==2.13.0, timm and numpy. Inputs and upstream gradients come from the formula in reference.py. Images are
NHWC, as in our engine; weights are in timm's layout.
"""
import json
import sys

import numpy as np
import torch
import torch.nn.functional as F

from reference import rounded, uniform
from timm.layers import resample_abs_pos_embed
from timm.models.metaformer import StarReLU
from timm.models.vision_transformer import Attention


def tensor(key, *shape, scale=1.0, offset=0.0):
    return torch.from_numpy((uniform(key, int(np.prod(shape))) * scale + offset).astype(np.float32).reshape(shape)).requires_grad_()


def result(output, **inputs):
    """Returns the output, and every input's gradient for an upstream gradient from the formula."""
    gradients = torch.autograd.grad(output, list(inputs.values()), tensor('dy', *output.shape).detach())
    return {'output': rounded(output.detach()), **{f'd_{key}': rounded(gradient) for key, gradient in zip(inputs, gradients)}}


def nchw(x):
    return x.permute(0, 3, 1, 2)


def nhwc(x):
    return x.permute(0, 2, 3, 1)


def conv(height, width, kernel, stride, padding):
    x, weight = tensor('x', 2, height, width, 3), tensor('weight', 4, 3, kernel, kernel)
    return result(nhwc(F.conv2d(nchw(x), weight, stride=stride, padding=padding)), x=x, weight=weight)


def pool(height, width):
    x = tensor('x', 2, height, width, 3)
    return result(nhwc(F.max_pool2d(nchw(F.relu(x)), 3, 2, 1)), x=x)


def batch_norm(training):
    x, weight, bias = tensor('x', 3, 4, 5, 6, offset=0.5), tensor('weight', 6), tensor('bias', 6)
    mean, variance = tensor('running_mean', 6).detach(), tensor('running_var', 6, scale=0.25, offset=1).detach()
    output = nhwc(F.batch_norm(nchw(x), mean, variance, weight, bias, training=training, momentum=0.1, eps=1e-5))
    return {**result(output, x=x, weight=weight, bias=bias), 'running_mean': rounded(mean), 'running_var': rounded(variance)}


def layer_norm(offset):
    x, weight, bias = tensor('x', 5, 7, offset=offset), tensor('weight', 7), tensor('bias', 7)
    return result(F.layer_norm(x, (7,), weight, bias, eps=1e-6), x=x, weight=weight, bias=bias)


def layer_norm_without_bias():
    x, weight = tensor('x', 5, 7), tensor('weight', 7)
    return result(F.layer_norm(x, (7,), weight, None, eps=1e-6), x=x, weight=weight)


def depthwise(shape, kernel, stride, padding):
    channels = shape[-1]
    x, weight, bias = tensor('x', *shape), tensor('weight', channels, 1, kernel, kernel), tensor('bias', channels)
    output = nhwc(F.conv2d(nchw(x), weight, bias, stride=stride, padding=padding, groups=channels))
    return result(output, x=x, weight=weight, bias=bias)


def star_relu():
    module = StarReLU()
    x, module.scale.data, module.bias.data = tensor('x', 5, 7), tensor('scale', 1).data, tensor('bias', 1).data
    return result(module(x), x=x, scale=module.scale, bias=module.bias)


def attention(batch, length, dim, bias=True):
    module = Attention(dim, num_heads=2, qkv_bias=bias, proj_bias=bias)
    x = tensor('x', batch, length, dim)
    for name, parameter in module.named_parameters():
        parameter.data = tensor(name, *parameter.shape).data
    parameters = {name: parameter for name, parameter in module.named_parameters()}
    return result(module(x), x=x, **parameters)


def position(source, target):
    embedding = tensor('embedding', 1, 1 + source * source, 3)
    return result(resample_abs_pos_embed(embedding, [target, target], num_prefix_tokens=1), embedding=embedding)


def bilinear(source, target):
    grid = tensor('map', source * source, 3)
    image = grid.reshape(1, source, source, 3).permute(0, 3, 1, 2)
    output = F.interpolate(image, size=(target, target), mode='bilinear', align_corners=False)
    return result(output.flatten(2).transpose(1, 2)[0], map=grid)


def cross_attention(batch, length, others, dim, heads):
    q, kv = tensor('q', batch * length, dim), tensor('kv', batch * others, 2 * dim)
    split = lambda x: x.reshape(batch, -1, heads, dim // heads).transpose(1, 2)
    mixed = F.scaled_dot_product_attention(split(q), split(kv[:, :dim]), split(kv[:, dim:]))
    return result(mixed.transpose(1, 2).reshape(batch * length, dim), q=q, kv=kv)


def main():
    torch.set_num_threads(1)
    gelu = torch.tensor([-30, -10, -5, -3, -1, -0.75, -1e-4, 0, 1e-4, 0.3, 1, 2.5, 5, 30], requires_grad=True)
    cases = {
        **{f'conv {h}x{w} k{k} s{s} p{p}': conv(h, w, k, s, p) for h, w, k, s, p in ((9, 7, 7, 2, 3), (8, 10, 7, 2, 3), (8, 6, 3, 2, 1), (7, 5, 3, 2, 1), (6, 5, 3, 1, 1), (7, 6, 1, 2, 0), (5, 4, 1, 1, 0))},
        'pool 8x6': pool(8, 6),
        'pool 7x9': pool(7, 9),
        'batch norm, training': batch_norm(True),
        'batch norm, evaluation': batch_norm(False),
        'layer norm': layer_norm(0),
        'layer norm, far from zero': layer_norm(50),
        'gelu': result(F.gelu(gelu), x=gelu),
        **{f"depthwise {'x'.join(map(str, shape))} k{k} s{s} p{p}": depthwise(shape, k, s, p) for shape, k, s, p in (((2, 6, 5, 4), 3, 1, 1), ((1, 5, 8, 16), 7, 1, 3), ((2, 2, 3, 4), 7, 1, 3), ((1, 8, 7, 4), 3, 2, 1))},
        'layer norm without bias': layer_norm_without_bias(),
        'star relu': star_relu(),
        'attention': attention(2, 5, 8),
        'attention without biases': attention(2, 5, 8, bias=False),
        'attention, heads of 16': attention(1, 27, 32),
        **{f'position {a} to {b}': position(a, b) for a, b in ((14, 6), (14, 10), (14, 12), (8, 4), (8, 3), (4, 7), (3, 5), (1, 2))},
        **{f'bilinear {a} to {b}': bilinear(a, b) for a, b in ((7, 3), (4, 6), (1, 2))},
        'cross attention': cross_attention(2, 9, 4, 8, 2),
        'cross attention, one head': cross_attention(2, 9, 1, 8, 1),
    }
    with open(sys.argv[1], 'w') as file:
        file.write('{\n' + ',\n'.join(f'{json.dumps(key)}: {json.dumps(value, separators=(",", ":"))}' for key, value in cases.items()) + '\n}\n')


if __name__ == '__main__':
    main()
