"""Computes outputs and gradients of window attention's layers by PyTorch and timm.

    python window-layers.py window-layers.json

It needs torch==2.13.0, timm and numpy. Inputs and upstream gradients come from the formula in reference.py; see
layers.py.
"""
import json
import sys

import torch

# This import must come first: it keeps torchvision out of timm.
from layers import result, tensor
from timm.models.swin_transformer import SwinTransformerBlock, get_relative_position_index, window_partition, window_reverse

from families.cswin import Stripes
from families.swin import resampled

HEADS = 2


def by_pairs(table, window):
    """Looks up biases: table [(2w - 1)^2, heads] -> [heads, w^2, w^2]."""
    area = window * window
    return table[get_relative_position_index(window, window).view(-1)].view(area, area, -1).permute(2, 0, 1)


def bias(stored, window):
    table = tensor('table', (2 * stored - 1) ** 2, HEADS)
    return result(by_pairs(resampled(table, window), window), table=table)


def windows(side, window, shift, dim):
    """Computes timm's block between its qkv and its proj layer, with timm's masks."""
    block = SwinTransformerBlock(dim, (side, side), HEADS, window_size=window, shift_size=shift)
    packed, added = tensor('packed', 2 * side * side, 3 * dim), tensor('bias', HEADS, window**2, window**2)
    rolled = torch.roll(packed.view(2, side, side, 3 * dim), (-shift, -shift), (1, 2))
    cut = window_partition(rolled, (window, window)).view(-1, window * window, 3, HEADS, dim // HEADS)
    q, k, v = cut.permute(2, 0, 3, 1, 4)
    scores = q * (dim // HEADS) ** -0.5 @ k.transpose(-2, -1) + added
    if block.attn_mask is not None:
        scores = (scores.view(2, -1, *scores.shape[1:]) + block.attn_mask[:, None]).view_as(scores)
    mixed = (scores.softmax(-1) @ v).transpose(1, 2).reshape(-1, window, window, dim)
    back = torch.roll(window_reverse(mixed, (window, window), side, side), (shift, shift), (1, 2))
    return result(back.reshape(-1, dim), packed=packed, bias=added)


def stripes(side, height, width, dim):
    module = Stripes(dim, HEADS)
    packed = tensor('packed', 2 * side * side, 3 * dim)
    module.get_v.weight.data, module.get_v.bias.data = tensor('filter', dim, 1, 3, 3).data, tensor('bias', dim).data
    output = module(*packed.view(2, side * side, 3 * dim).chunk(3, -1), height, width)
    return result(output.reshape(-1, dim), packed=packed, filter=module.get_v.weight, bias=module.get_v.bias)


def main():
    torch.set_num_threads(1)
    cases = {
        **{f'relative position bias {a} to {b}': bias(a, b) for a, b in ((4, 4), (4, 3), (2, 3), (3, 1))},
        'windows of 2 in a map of 4, shifted': windows(4, 2, 1, 8),
        'windows of 3 in a map of 6, shifted': windows(6, 3, 1, 4),
        'windows of 2 in a map of 4, heads of 16': windows(4, 2, 0, 32),
        'one window': windows(3, 3, 0, 4),
        'stripes of 2 along the height': stripes(4, 4, 2, 8),
        'stripes of 1 along the width': stripes(4, 1, 4, 8),
        'one stripe, heads of 16': stripes(3, 3, 3, 32),
    }
    with open(sys.argv[1], 'w') as file:
        file.write('{\n' + ',\n'.join(f'{json.dumps(key)}: {json.dumps(value, separators=(",", ":"))}' for key, value in cases.items()) + '\n}\n')


if __name__ == '__main__':
    main()
