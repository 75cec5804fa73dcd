"""Lists the learning rate scales of timm's `param_groups_layer_decay` for the models of a file of ../models/cases.

    python layer-decay.py ../models/cases/vit.json layer-decay/vit.json

It needs torch==2.13.0 and timm==1.0.31.
"""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'models'))
from reference import build  # noqa: E402

from timm.optim import param_groups_layer_decay  # noqa: E402

LAYER_DECAY = 0.65


def scales_of(case):
    """Returns [[scale, names]] from the stem to the head."""
    model = build({**case, 'options': {**case['options'], 'num_classes': 10}})
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    scales = {}
    for group in param_groups_layer_decay(model, layer_decay=LAYER_DECAY):
        scales.setdefault(group['lr_scale'], []).extend(names[id(parameter)] for parameter in group['params'])
    return sorted([scale, sorted(members)] for scale, members in scales.items())


def main():
    with open(sys.argv[1]) as file:
        # A case with a digest is left out, because a smaller variant has the same parts.
        cases = [case for case in json.load(file) if not case.get('digest')]
    models = [[case['id'], scales_of(case)] for case in cases]
    with open(sys.argv[2], 'w') as file:
        lines = ',\n'.join(f'  {json.dumps(name)}: {json.dumps(scales)}' for name, scales in models)
        file.write(f'{{"layer_decay": {LAYER_DECAY}, "models": {{\n{lines}\n}}}}\n')


if __name__ == '__main__':
    main()
