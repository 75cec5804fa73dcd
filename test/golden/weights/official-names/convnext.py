"""Lists the authors' names of ConvNeXt's parameters beside timm's, by timm's own conversion of their files.

    python convnext.py convnext.json

The authors' names follow from the modules that facebookresearch/ConvNeXt, models/convnext.py registers, with the micro
variant's depths. timm's loader of their files maps each to a parameter of timm. It needs torch==2.13.0 and
timm==1.0.31.
"""
import json
import os
import sys

import torch

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', '..', 'support'))
import without_torchvision  # noqa: E402, F401
import timm  # noqa: E402
from timm.models.convnext import checkpoint_filter_fn  # noqa: E402

DEPTHS = (1, 1, 3, 1)


def official():
    layers = [f'downsample_layers.{i}.{j}' for i in range(4) for j in range(2)]
    for stage, depth in enumerate(DEPTHS):
        for block in range(depth):
            yield f'stages.{stage}.{block}.gamma'
            layers += [f'stages.{stage}.{block}.{part}' for part in ('dwconv', 'norm', 'pwconv1', 'pwconv2')]
    for layer in [*layers, 'norm', 'head']:
        yield from (f'{layer}.weight', f'{layer}.bias')


def main():
    model = timm.create_model('convnext_tiny', depths=DEPTHS, dims=(16, 32, 64, 128), patch_size=1)
    names = list(official())
    # Each value identifies its name. A vector keeps its shape in the conversion.
    found = checkpoint_filter_fn({name: torch.tensor([float(at)]) for at, name in enumerate(names)}, model)
    pairs = {names[int(value.item())]: name for name, value in found.items()}
    assert sorted(pairs.values()) == sorted(model.state_dict()), 'not every parameter has a name'
    with open(sys.argv[1], 'w') as file:
        json.dump(pairs, file, indent=0)
        file.write('\n')


if __name__ == '__main__':
    main()
