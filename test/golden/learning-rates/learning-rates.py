"""Computes the learning rates of MAE's published recipes from their definition (He et al., CVPR 2022, appendix A.1,
tables 8 to 10).

    python learning-rates.py learning-rates.json

The learning rate of an iteration is a function of the number of epochs before it, fractions included. It rises linearly
from 0 to base_lr * batch / 256 over the warm-up, then falls along half a cosine to min_lr. The script needs numpy.
"""
import json
import sys

import numpy as np

RECIPES = {
    'pretrain': {'base_lr': 1.5e-4, 'batch': 4096, 'epochs': 800, 'warmup_epochs': 40, 'min_lr': 0.0, 'steps_per_epoch': 312},
    'finetune_base': {'base_lr': 5e-4, 'batch': 1024, 'epochs': 100, 'warmup_epochs': 5, 'min_lr': 1e-6, 'steps_per_epoch': 1251},
    'finetune_large': {'base_lr': 1e-3, 'batch': 1024, 'epochs': 50, 'warmup_epochs': 5, 'min_lr': 1e-6, 'steps_per_epoch': 1251},
    'probe_base': {'base_lr': 0.1, 'batch': 16384, 'epochs': 90, 'warmup_epochs': 10, 'min_lr': 0.0, 'steps_per_epoch': 78},
    'probe_large': {'base_lr': 0.1, 'batch': 16384, 'epochs': 50, 'warmup_epochs': 10, 'min_lr': 0.0, 'steps_per_epoch': 78},
}


def rates(base_lr, batch, epochs, warmup_epochs, min_lr, steps_per_epoch):
    """Returns the learning rate of every iteration: float64 [epochs * steps_per_epoch]."""
    peak = base_lr * batch / 256
    epoch = np.arange(epochs * steps_per_epoch, dtype=np.float64) / steps_per_epoch
    rising = peak * epoch / warmup_epochs
    share = (epoch - warmup_epochs) / (epochs - warmup_epochs)
    falling = min_lr + (peak - min_lr) * 0.5 * (1 + np.cos(np.pi * share))
    return np.where(epoch < warmup_epochs, rising, falling)


def chosen(warmup, total):
    """The stored iterations are the first, the last, those around the warm-up's end and some in between."""
    around = [warmup + offset for offset in (-2, -1, 0, 1, 2)]
    spread = np.linspace(0, total - 1, 40).astype(int).tolist()
    return sorted({0, 1, 2, total - 2, total - 1, *around, *spread})


def main():
    golden = {}
    for name, recipe in RECIPES.items():
        lr = rates(**recipe)
        steps = chosen(recipe['warmup_epochs'] * recipe['steps_per_epoch'], len(lr))
        golden[name] = {**recipe, 'steps': len(lr), 'lrs': [[step, float(lr[step])] for step in steps]}
    with open(sys.argv[1], 'w') as file:
        file.write('{\n' + ',\n'.join(f'{json.dumps(name)}: {json.dumps(values)}' for name, values in golden.items()) + '\n}\n')


if __name__ == '__main__':
    main()
