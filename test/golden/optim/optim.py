"""Computes twenty steps of PyTorch's and timm's optimizers on given gradients, with gradient clipping and EMA.

    python optim.py optim.json

It needs torch==2.13.0, timm==1.0.31 and numpy. Gradients come from the formula of ../models/reference.py; everything is
computed in float64. `lars of MAE` is a numpy program of the rule that MAE's linear probes use (He et al., CVPR 2022,
appendix A.1): momentum 0.9, trust coefficient 0.001, no decay, no epsilon, and neither scaling nor decay for parameters
with at most one dimension.
"""
import json
import math
import os
import sys

import numpy as np
import torch

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'models'))
from reference import rounded, uniform  # noqa: E402

from timm.optim import Lamb, Lars  # noqa: E402
from timm.utils import ModelEmaV2  # noqa: E402

STEPS = 20
SHAPES = {'matrix': (2, 3), 'vector': (4,), 'single': (1,), 'zeros': (3, 2)}
DECAYED = ('matrix', 'zeros')
# The learning rate rises linearly over five steps, then falls along half a cosine.
LRS = [1e-6 + 0.1 * step / 5 if step < 5 else 0.05 * (1 + math.cos(math.pi * (step - 5) / 15)) for step in range(STEPS)]
# Gradients differ much in size. Where a factor is 0, the parameter has no gradient in that step.
SCALES = {
    'matrix': [[1, 0.1, 10, 1e-6, 2, 1, 0][step % 7] for step in range(STEPS)],
    'vector': [[3, 1e-8, 1, 100, 1e-3, 1][step % 6] for step in range(STEPS)],
    'single': [[1, 1, 0, 1, 1][step % 5] for step in range(STEPS)],
    'zeros': [0 if step < 2 else 1 + step % 3 for step in range(STEPS)],
}
# Learning rate scales of layers, for the cases that have them.
LR_SCALES = {'matrix': 0.65, 'vector': 0.65**2, 'single': 1.0, 'zeros': 0.65}

ADAMW = {'name': 'adamw', 'betas': [0.9, 0.999], 'eps': 1e-8, 'weight_decay': 0.05}
SGD = {'name': 'sgd', 'momentum': 0.9, 'nesterov': True, 'weight_decay': 0.01}
LAMB = {'name': 'lamb', 'betas': [0.9, 0.999], 'eps': 1e-6, 'weight_decay': 0.05}
LARS = {'name': 'lars', 'momentum': 0.9, 'trust_coefficient': 0.02, 'eps': 1e-8, 'weight_decay': 0.01}
PLAIN = {'clip': None, 'ema_decay': 0.9, 'lr_factor': 1, 'layers': False}

CASES = [
    {'id': 'adamw', 'optimizer': ADAMW, **PLAIN, 'clip': 5.0},
    {'id': 'adamw, large epsilon, other betas, no decay', 'optimizer': {**ADAMW, 'betas': [0.8, 0.95], 'eps': 1e-2, 'weight_decay': 0.0}, **PLAIN, 'ema_decay': 0.9999},
    {'id': 'adamw, layer decay', 'optimizer': ADAMW, **PLAIN, 'clip': 5.0, 'layers': True},
    {'id': 'sgd', 'optimizer': {**SGD, 'nesterov': False}, **PLAIN, 'clip': 1.0},
    {'id': 'sgd, nesterov', 'optimizer': SGD, **PLAIN, 'clip': 5.0, 'ema_decay': 0.5},
    {'id': 'sgd, no momentum, no decay', 'optimizer': {**SGD, 'momentum': 0.0, 'nesterov': False, 'weight_decay': 0.0}, **PLAIN},
    {'id': 'sgd, nesterov, layer decay', 'optimizer': SGD, **PLAIN, 'clip': 5.0, 'layers': True},
    {'id': 'lamb', 'optimizer': LAMB, **PLAIN, 'clip': 1.0},
    {'id': 'lamb, large epsilon, other betas, no decay', 'optimizer': {**LAMB, 'betas': [0.8, 0.95], 'eps': 1e-2, 'weight_decay': 0.0}, **PLAIN},
    {'id': 'lamb, layer decay', 'optimizer': LAMB, **PLAIN, 'layers': True},
    {'id': 'lars', 'optimizer': LARS, **PLAIN, 'clip': 5.0, 'lr_factor': 20},
    {'id': 'lars, layer decay', 'optimizer': LARS, **PLAIN, 'lr_factor': 20, 'layers': True},
    {'id': 'lars of MAE', 'optimizer': {**LARS, 'trust_coefficient': 0.001, 'eps': 1e-30, 'weight_decay': 0.0}, **PLAIN, 'lr_factor': 64},
]


class Model(torch.nn.Module):
    def __init__(self):
        super().__init__()
        for name, shape in SHAPES.items():
            start = torch.zeros(shape, dtype=torch.float64) if name == 'zeros' else value(f'start/{name}', shape)
            self.register_parameter(name, torch.nn.Parameter(start))


class LarsOfMae:
    """Computes in numpy v <- 0.9 v + g * 0.001 |w| / |g| and w <- w - lr v. Only tensors have the factor, and only
    where both norms are above 0."""

    def __init__(self, groups, lr, momentum, trust_coeff):
        self.param_groups = groups
        self.momentum, self.trust = momentum, trust_coeff
        self.values = {id(p): p.detach().numpy().copy() for group in groups for p in group['params']}
        self.buffers = {key: np.zeros_like(value) for key, value in self.values.items()}

    def step(self):
        for group in self.param_groups:
            for p in group['params']:
                w, g = self.values[id(p)], p.grad.numpy()
                if w.ndim > 1:
                    w_norm, g_norm = np.sqrt((w**2).sum()), np.sqrt((g**2).sum())
                    g = g * (self.trust * w_norm / g_norm if w_norm > 0 and g_norm > 0 else 1.0)
                v = self.buffers[id(p)]
                v[...] = self.momentum * v + g
                w -= group['lr'] * v
                p.data = torch.tensor(w)


def value(key, shape):
    count = 1
    for length in shape:
        count *= length
    return torch.tensor(uniform(key, count), dtype=torch.float64).reshape(shape)


def optimizer_of(case, model):
    config = dict(case['optimizer'])
    name, decay = config.pop('name'), config.pop('weight_decay')
    groups = [
        {'params': [getattr(model, key)], 'weight_decay': decay if key in DECAYED else 0.0, 'lr_scale': LR_SCALES[key] if case['layers'] else 1.0}
        for key in SHAPES
    ]
    if name == 'adamw':
        return torch.optim.AdamW(groups, lr=1.0, **config)
    if name == 'sgd':
        return torch.optim.SGD(groups, lr=1.0, **config)
    if name == 'lamb':
        # Gradients are clipped first, as for the others.
        return Lamb(groups, lr=1.0, max_grad_norm=None, **config)
    config['trust_coeff'] = config.pop('trust_coefficient')
    if case['id'] == 'lars of MAE':
        return LarsOfMae(groups, 1.0, config['momentum'], config['trust_coeff'])
    return Lars(groups, lr=1.0, **config)


def run(case):
    model = Model()
    optimizer = optimizer_of(case, model)
    ema = ModelEmaV2(model, decay=case['ema_decay'])
    steps = []
    for step, lr in enumerate(LRS):
        for name, shape in SHAPES.items():
            getattr(model, name).grad = value(f'gradient/{step}/{name}', shape) * SCALES[name][step]
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), case['clip'] if case['clip'] is not None else float('inf'))
        for group in optimizer.param_groups:
            group['lr'] = lr * case['lr_factor'] * group['lr_scale']
        optimizer.step()
        ema.update(model)
        steps.append({'norm': rounded([norm])[0], **{name: rounded(parameter.detach()) for name, parameter in model.named_parameters()}})
    return {**case, 'steps': steps, 'ema': {name: rounded(parameter.detach()) for name, parameter in ema.module.named_parameters()}}


def main():
    golden = {'lrs': LRS, 'scales': SCALES, 'lr_scales': LR_SCALES, 'shapes': SHAPES, 'decayed': DECAYED, 'cases': [run(case) for case in CASES]}
    with open(sys.argv[1], 'w') as file:
        file.write('{\n' + ',\n'.join(f'{json.dumps(k)}: {json.dumps(v)}' for k, v in golden.items() if k != 'cases') + ',\n"cases": [\n' + ',\n'.join(json.dumps(c) for c in golden['cases']) + '\n]\n}\n')


if __name__ == '__main__':
    main()
