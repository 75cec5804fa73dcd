"""Lists the authors' names of Swin's and CSWin's parameters beside ours, for the micro variants.

    python swin.py .

The authors' names follow from the modules that microsoft/Swin-Transformer, models/swin_transformer.py, and
microsoft/CSWin-Transformer, models/cswin.py, register. For Swin, timm's loader of their files maps each to a parameter
of timm. CSWin is not in timm, and its names are ours. It needs torch==2.13.0 and timm==1.0.31.
"""
import json
import os
import sys

import torch

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', '..', 'support'))
import without_torchvision  # noqa: E402, F401
import timm  # noqa: E402
from timm.models.swin_transformer import checkpoint_filter_fn  # noqa: E402

SWIN_DEPTHS, CSWIN_DEPTHS = (2, 2, 2), (1, 2, 1)


def weights_of(names):
    return [f'{name}.{part}' for name in names for part in ('weight', 'bias')]


def swin():
    layers, others = ['patch_embed.proj', 'patch_embed.norm'], []
    for stage, depth in enumerate(SWIN_DEPTHS):
        for block in range(depth):
            name = f'layers.{stage}.blocks.{block}'
            layers += [f'{name}.{part}' for part in ('norm1', 'attn.qkv', 'attn.proj', 'norm2', 'mlp.fc1', 'mlp.fc2')]
            others.append(f'{name}.attn.relative_position_bias_table')
        if stage < len(SWIN_DEPTHS) - 1:
            layers.append(f'layers.{stage}.downsample.norm')
            others.append(f'layers.{stage}.downsample.reduction.weight')
    return [*weights_of([*layers, 'norm', 'head']), *others]


def cswin():
    layers = ['stage1_conv_embed.0', 'stage1_conv_embed.2']
    for stage, depth in enumerate(CSWIN_DEPTHS):
        branches = 1 if stage == len(CSWIN_DEPTHS) - 1 else 2
        for block in range(depth):
            parts = ['norm1', 'qkv', 'proj', *(f'attns.{branch}.get_v' for branch in range(branches)), 'norm2', 'mlp.fc1', 'mlp.fc2']
            layers += [f'stage{stage + 1}.{block}.{part}' for part in parts]
        if stage:
            layers += [f'merge{stage}.conv', f'merge{stage}.norm']
    return weights_of([*layers, 'norm', 'head'])


def pairs_of_swin():
    size = {'patch_size': 2, 'img_size': 32, 'window_size': 4}
    model = timm.create_model('swin_tiny_patch4_window7_224', depths=SWIN_DEPTHS, embed_dim=32, num_heads=(2, 4, 8), **size)
    shapes = {name: value.shape for name, value in model.state_dict().items()}
    names = swin()
    # Each value identifies its name. Where timm has a parameter of the same name, the value has its shape, because timm
    # would resample it otherwise.
    found = checkpoint_filter_fn({name: torch.full(shapes.get(name, (1,)), float(at)) for at, name in enumerate(names)}, model)
    assert sorted(found) == sorted(shapes), 'not every parameter has a name'
    return {names[int(value.flatten()[0])]: name for name, value in found.items()}


def main():
    for family, pairs in (('swin', pairs_of_swin()), ('cswin', {name: name for name in cswin()})):
        with open(os.path.join(sys.argv[1], f'{family}.json'), 'w') as file:
            json.dump(pairs, file, indent=0)
            file.write('\n')


if __name__ == '__main__':
    main()
