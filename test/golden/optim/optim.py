"""Optimizers, gradient clipping and EMA of PyTorch and timm on given gradients.

    python optim.py optim.json

Needs torch==2.13.0, timm, numpy. Gradients come from the formula of ../models/reference.py.
"""
import json
import os
import sys

import torch

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'models'))
from reference import rounded, uniform  # noqa: E402

from timm.utils import ModelEmaV2  # noqa: E402

SHAPES = {'matrix': (2, 3), 'vector': (4,), 'single': (1,)}
DECAYED = ('matrix',)
LRS = [1e-6, 3e-2, 1e-1, 5e-2, 1e-3, 1e-2]
# Gradients of very different sizes; the last parameter has none in the third step.
SCALES = {'matrix': [1, 0.1, 10, 1e-6, 2, 1], 'vector': [3, 1e-8, 1, 100, 1e-3, 1], 'single': [1, 1, 0, 1, 1, 1]}

CASES = [
    {'id': 'adamw', 'optimizer': {'name': 'adamw', 'betas': [0.9, 0.999], 'eps': 1e-8, 'weight_decay': 0.05}, 'clip': 5.0, 'ema_decay': 0.9},
    {'id': 'adamw, large epsilon, other betas, no decay', 'optimizer': {'name': 'adamw', 'betas': [0.8, 0.95], 'eps': 1e-2, 'weight_decay': 0.0}, 'clip': None, 'ema_decay': 0.9999},
    {'id': 'sgd', 'optimizer': {'name': 'sgd', 'momentum': 0.9, 'nesterov': False, 'weight_decay': 0.01}, 'clip': 1.0, 'ema_decay': 0.9},
    {'id': 'sgd, nesterov', 'optimizer': {'name': 'sgd', 'momentum': 0.9, 'nesterov': True, 'weight_decay': 0.01}, 'clip': 5.0, 'ema_decay': 0.5},
    {'id': 'sgd, no momentum, no decay', 'optimizer': {'name': 'sgd', 'momentum': 0.0, 'nesterov': False, 'weight_decay': 0.0}, 'clip': None, 'ema_decay': 0.9},
]


class Model(torch.nn.Module):
    def __init__(self):
        super().__init__()
        for name, shape in SHAPES.items():
            self.register_parameter(name, torch.nn.Parameter(value(f'start/{name}', shape)))


def value(key, shape):
    count = 1
    for length in shape:
        count *= length
    return torch.tensor(uniform(key, count), dtype=torch.float32).reshape(shape)


def run(case):
    model = Model()
    config = dict(case['optimizer'])
    decay = config.pop('weight_decay')
    kind = {'adamw': torch.optim.AdamW, 'sgd': torch.optim.SGD}[config.pop('name')]
    groups = [{'params': [getattr(model, name)], 'weight_decay': decay if name in DECAYED else 0.0} for name in SHAPES]
    optimizer = kind(groups, lr=1.0, **config)
    ema = ModelEmaV2(model, decay=case['ema_decay'])
    steps = []
    for step, lr in enumerate(LRS):
        for name, shape in SHAPES.items():
            getattr(model, name).grad = value(f'gradient/{step}/{name}', shape) * SCALES[name][step]
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), case['clip'] if case['clip'] is not None else float('inf'))
        for group in optimizer.param_groups:
            group['lr'] = lr
        optimizer.step()
        ema.update(model)
        steps.append({'norm': rounded([norm])[0], **{name: rounded(parameter.detach()) for name, parameter in model.named_parameters()}})
    return {**case, 'steps': steps, 'ema': {name: rounded(parameter.detach()) for name, parameter in ema.module.named_parameters()}}


def main():
    golden = {'lrs': LRS, 'scales': SCALES, 'shapes': SHAPES, 'decayed': DECAYED, 'cases': [run(case) for case in CASES]}
    with open(sys.argv[1], 'w') as file:
        file.write('{\n' + ',\n'.join(f'{json.dumps(k)}: {json.dumps(v)}' for k, v in golden.items() if k != 'cases') + ',\n"cases": [\n' + ',\n'.join(json.dumps(c) for c in golden['cases']) + '\n]\n}\n')


if __name__ == '__main__':
    main()
