"""Lists the authors' names of both versions of PVT beside ours, for the micro variants.

    python pvt.py .

The authors' names follow from the modules that whai362/PVT, classification/pvt.py and pvt_v2.py register. For the
second version, timm's loader of their files maps each to a parameter of timm. The first version is not in timm, and its
names are ours. It needs torch==2.13.0 and timm==1.0.31.
"""
import json
import os
import sys

import torch

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', '..', 'support'))
import without_torchvision  # noqa: E402, F401
import timm  # noqa: E402
from timm.models.pvt_v2 import checkpoint_filter_fn  # noqa: E402

DEPTHS = (1, 1, 2, 1)


def layers(reduced, perceptron):
    for stage, depth in enumerate(DEPTHS):
        yield from (f'patch_embed{stage + 1}.proj', f'patch_embed{stage + 1}.norm')
        for block in range(depth):
            parts = ['norm1', 'attn.q', 'attn.kv', 'attn.proj', *(['attn.sr', 'attn.norm'] if stage in reduced else []), 'norm2', *perceptron]
            yield from (f'block{stage + 1}.{block}.{part}' for part in parts)


def weights_of(names):
    return [f'{name}.{part}' for name in names for part in ('weight', 'bias')]


def first():
    tables = [f'pos_embed{stage + 1}' for stage in range(4)]
    return {name: name for name in [*tables, 'cls_token', *weights_of([*layers((0, 1), ('mlp.fc1', 'mlp.fc2')), 'norm', 'head'])]}


def second():
    model = timm.create_model(
        'pvt_v2_b0', depths=DEPTHS, embed_dims=(32, 64, 96, 128), num_heads=(1, 2, 3, 4), sr_ratios=(2, 1, 1, 1), mlp_ratios=(4, 4, 4, 4)
    )
    norms = [f'norm{stage + 1}' for stage in range(4)]
    names = weights_of([*layers((0,), ('mlp.fc1', 'mlp.dwconv.dwconv', 'mlp.fc2')), *norms, 'head'])
    # Each value identifies its name.
    found = checkpoint_filter_fn({name: torch.tensor([float(at)]) for at, name in enumerate(names)}, model)
    pairs = {names[int(value.item())]: name for name, value in found.items()}
    assert sorted(pairs.values()) == sorted(model.state_dict()), 'not every parameter has a name'
    return pairs


def main():
    for family, pairs in (('pvt', first()), ('pvt-v2', second())):
        with open(os.path.join(sys.argv[1], f'{family}.json'), 'w') as file:
            json.dump(pairs, file, indent=0)
            file.write('\n')


if __name__ == '__main__':
    main()
