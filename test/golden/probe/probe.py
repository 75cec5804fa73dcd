"""Computes twenty steps of a linear probe in PyTorch, on a frozen encoder of timm.

    python probe.py probe.json

It needs torch==2.13.0, timm==1.0.31 and numpy. Weights, images and labels come from the formula of
../models/reference.py. The head is that of MAE's linear probes (He et al., CVPR 2022, appendix A.1): BatchNorm1d
without affine parameters, eps 1e-6, then a linear layer. LARS is written from You, Gitman and Ginsburg (arXiv
1708.03888, algorithm 1) with momentum 0.9, trust coefficient 0.001 and no decay; a parameter with at most one dimension
is not scaled.
"""
import json
import os
import sys

import numpy as np
import torch

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'models'))
from reference import MEAN, STD, fill, hashed, images_of, weight  # noqa: E402

import timm  # noqa: E402

STEPS, BATCH, SIZE, CLASSES, DIM = 20, 8, 32, 5, 64
MOMENTUM, TRUST = 0.9, 0.001
LRS = [6.4 * (step + 1) / 5 if step < 5 else 3.2 * (1 + np.cos(np.pi * (step - 5) / 15)) for step in range(STEPS)]


def encoder():
    model = timm.create_model(
        'deit_tiny_patch16_224', patch_size=4, embed_dim=DIM, depth=4, num_heads=2, img_size=SIZE, num_classes=0
    )
    fill({}, model)
    return model.eval()


def head():
    model = torch.nn.Sequential(torch.nn.BatchNorm1d(DIM, affine=False, eps=1e-6), torch.nn.Linear(DIM, CLASSES))
    state = model.state_dict()
    for name in ('1.weight', '1.bias'):
        state[name] = weight(f'head.{name}', tuple(state[name].shape), {})
    model.load_state_dict(state)
    return model


def batch_of(step):
    pixels = images_of(f'probe/{step}', BATCH, SIZE).astype(np.float32) / 255
    x = torch.from_numpy(((pixels - MEAN) / STD).transpose(0, 3, 1, 2).copy())
    labels = torch.from_numpy((hashed(f'labels/{step % 4}', BATCH) % np.uint32(CLASSES)).astype(np.int64))
    return x, labels


def update(parameter, momentum, lr):
    direction = parameter.grad
    if parameter.ndim > 1:
        norms = parameter.norm(), direction.norm()
        if all(norm > 0 for norm in norms):
            direction = direction * (TRUST * norms[0] / norms[1])
    momentum.mul_(MOMENTUM).add_(direction)
    parameter.sub_(lr * momentum)


def main():
    encode, probe = encoder(), head().train()
    momenta = {name: torch.zeros_like(parameter) for name, parameter in probe.named_parameters()}
    losses = []
    for step, lr in enumerate(LRS):
        x, labels = batch_of(step)
        with torch.no_grad():
            features = encode(x)
        loss = torch.nn.functional.cross_entropy(probe(features), labels)
        probe.zero_grad()
        loss.backward()
        losses.append(loss.item())
        with torch.no_grad():
            for name, parameter in probe.named_parameters():
                update(parameter, momenta[name], lr)
    probe.eval()
    with torch.no_grad():
        logits = probe(encode(batch_of(99)[0]))
    state = {
        f'head.{name}': [float(f'{value:.9g}') for value in tensor.flatten().tolist()]
        for name, tensor in probe.state_dict().items()
        if not name.endswith('num_batches_tracked')
    }
    with open(sys.argv[1], 'w') as file:
        json.dump({'lrs': [float(lr) for lr in LRS], 'losses': losses, 'state': state, 'logits': logits.flatten().tolist()}, file)
        file.write('\n')


if __name__ == '__main__':
    main()
