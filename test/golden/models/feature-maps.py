"""Lists channels and strides of the maps of timm's features_only, for feature-maps.test.ts.

    python feature-maps.py resnet18 resnet34 ... > feature-maps.json

It needs torch==2.13.0 and timm. For a network that also returns its stem's map (ResNet), the maps of its four stages
are listed.
"""
import json
import os
import sys

import torch

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'support'))
import without_torchvision  # noqa: E402, F401
import timm  # noqa: E402


def maps_of(name):
    """Returns [[channels, stride], ...] of the last four maps, the largest first."""
    with torch.device('meta'):
        count = len(timm.create_model(name, features_only=True).feature_info)
        model = timm.create_model(name, features_only=True, out_indices=tuple(range(count))[-4:])
    return [list(pair) for pair in zip(model.feature_info.channels(), model.feature_info.reduction())]


def main():
    rows = {name: maps_of(name) for name in sys.argv[1:]}
    print('{\n' + ',\n'.join(f'{json.dumps(name)}: {json.dumps(maps)}' for name, maps in rows.items()) + '\n}')


main()
